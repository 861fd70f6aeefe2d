"""`fairs forget`: what the deletion of an account does, from the shell; also for an address without an account."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairs.commands.runtime.database import existing_database, run_in_database
from fairs.commands.runtime.errors import Problem
from fairs.commands.runtime.settings_check import data_option

if TYPE_CHECKING:
    from fairs.privacy.forgetting import Plan
    from fairs.privacy.rows import ForgettingRow


def _print_plan(plan: "Plan", email: str) -> None:
    click.echo(f"Held about {email}:")
    for kind, number in plan.kinds:
        if number:
            click.echo(f"{number:>7,}  {kind.title!s:<52} {kind.fate.value}")
            if kind.after:
                click.echo(f"         {kind.after}")
    for stay in plan.stays:
        click.echo(f"stays:   {stay.name} until {stay.until:%Y-%m-%d}, by the retention period `{stay.key}`")


def _print_receipt(row: "ForgettingRow") -> None:
    import msgspec

    from fairs.privacy.tables import ForgettingState

    for kind, counts in msgspec.json.decode(row.counts).items():
        done = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
        if done:
            click.echo(f"  {kind}: {done}")
    if row.state != ForgettingState.DONE:
        click.echo("Mails are still on their way; a worker deletes them when they are sent.")
    click.echo(f"forgotten, receipt {row.number}")


@click.command()
@data_option
@click.option("--yes", is_flag=True, help="Do it. Without it, only what goes and what stays is printed.")
@click.argument("email")
def forget(data: Path | None, yes: bool, email: str) -> None:
    """Delete everything about the person of EMAIL, as the page of the account does.

    Prints what goes, what stays and why. It cannot be undone.
    """
    from fairs.core import i18n
    from fairs.core.errors import DomainError
    from fairs.privacy import forgetting, held
    from fairs.privacy.tables import AskedFor
    from fairs.wiring import wire

    i18n.set_lang("en")

    async def work() -> None:
        wire()
        person = await held.person_at(email)
        if not held.is_known(person):
            raise Problem(f"nothing is held about {email}")
        _print_plan(await forgetting.plan_of(person), email)
        if not yes:
            click.echo("Nothing was deleted. --yes does it.")
            return
        number = await forgetting.begin(person, AskedFor.COMMAND)
        await forgetting.carry_out(await forgetting.id_of(number))
        _print_receipt(await forgetting.by_number(number))

    with existing_database(data) as found:
        try:
            run_in_database(found, work())
        except DomainError as error:
            raise Problem(str(error.message)) from error
