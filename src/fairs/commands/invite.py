"""`fairs invite`: the invitation that the page People and rights makes, from the shell."""

from pathlib import Path

import click

from fairs.commands.runtime.database import existing_database, run_in_database
from fairs.commands.runtime.errors import Problem
from fairs.commands.runtime.settings_check import data_option


@click.command()
@data_option
@click.option(
    "--role",
    required=True,
    type=click.Choice(["admin", "organiser", "bureau", "employer", "staff", "reviewer", "interpreter"]),
    help="What the person will be.",
)
@click.option("--unit", default="", metavar="CODE", help="Unit of a bureau, such as 410300.")
@click.option("--event", default="", metavar="SLUG", help="Event of gate staff, a reviewer or an interpreter.")
@click.option("--gate", "gates", multiple=True, metavar="CODE", help="Limits gate staff to this gate; may be repeated.")
@click.option("--organisation", default="", metavar="USCC", help="Employer, by its unified social credit code.")
@click.option("--name", default="", help="Name of the person, for the mail.")
@click.option("--lang", default="zh", type=click.Choice(["zh", "en"]), show_default=True, help="Language of the mail.")
@click.argument("email")
def invite(
    data: Path | None,
    role: str,
    unit: str,
    event: str,
    gates: tuple[str, ...],
    organisation: str,
    name: str,
    lang: str,
    email: str,
) -> None:
    """Invite EMAIL to a role and print the one-time link, valid for seven days.

    The link is mailed too, when a mail server is set.
    """
    from fairs.accounts.invitations import Invited
    from fairs.core import i18n
    from fairs.core.errors import DomainError, Invalid, NotFound
    from fairs.core.roles import Role
    from fairs.home.rights import by_command

    i18n.set_lang("en")
    wanted = by_command.Wanted(
        Role(role), unit, event, gates, organisation, email, name, "zh" if lang == "zh" else "en"
    )

    async def send() -> Invited:
        return await by_command.invite(wanted)

    with existing_database(data) as found:
        try:
            invited = run_in_database(found, send())
        except (Invalid, NotFound) as error:
            told = error.fields if isinstance(error, Invalid) else {}
            raise Problem(
                "; ".join(f"{field}: {texts[0]}" for field, texts in told.items()) or str(error.message)
            ) from error
        except DomainError as error:
            raise Problem(str(error.message)) from error
    click.echo(invited.link)
