"""`fairs migrate`, `fairs create-admin` and `fairs show-mail`."""

from pathlib import Path

import click

from fairs.commands.runtime.database import bring_up_to_date, database, run_in_database, run_in_pool
from fairs.commands.runtime.errors import Problem
from fairs.commands.runtime.settings_check import data_option, load_settings


@click.command()
@data_option
def migrate(data: Path | None) -> None:
    """Migrate the database to this version's schema."""
    with database(load_settings(data), migrate=False) as found:
        count = bring_up_to_date(found)
    click.echo(f"{count} migrations applied" if count else "the database is up to date")


@click.command("show-mail")
@data_option
@click.argument("number", type=click.IntRange(1))
def show_mail(data: Path | None, number: int) -> None:
    """Print the text of a mail with its links and codes.

    For the administrator of a machine that keeps mails instead of sending them. NUMBER is in the outbox address.
    """
    from fairs.core.rows import fetch_one_as
    from fairs.notifications import masking
    from fairs.notifications.rows import TEXT_COLUMNS, StoredTexts

    async def read() -> masking.Texts | None:
        sql = f"SELECT {TEXT_COLUMNS} FROM outgoing_mail WHERE id = :id"  # noqa: S608 - constants of the code; values are named arguments
        row = await fetch_one_as(StoredTexts, sql, id=number)
        return masking.opened(row) if row else None

    with database(load_settings(data)) as found:
        mail = run_in_pool(found, read())
    if mail is None:
        raise Problem(f"there is no mail {number}")
    click.echo(f"{mail.subject}\n\n{mail.text}")


@click.command("create-admin")
@data_option
@click.option("--email", prompt=True, help="Address to sign in with.")
@click.option("--name", prompt=True, help="Name as shown to others.")
@click.password_option(help="At least 10 characters; asked for when left out.")
def create_admin(data: Path | None, email: str, name: str, password: str) -> None:
    """Create an administrator, who is also an organiser."""
    from fairs.accounts import services
    from fairs.accounts.forms import SignUpForm
    from fairs.core import i18n
    from fairs.core.errors import DomainError
    from fairs.core.forms import bind

    i18n.set_lang("en")
    form = bind(SignUpForm, {"email": email, "name": name, "password": password})
    if not form.ok:
        raise Problem("; ".join(f"{field}: {found[0]}" for field, found in form.errors.items()))

    with database(load_settings(data)) as found:
        try:
            run_in_database(found, services.create_admin(form.value.email, form.value.name, password))
        except DomainError as error:
            raise Problem(str(error.message)) from error
    click.echo(f"administrator {form.value.email} created")
