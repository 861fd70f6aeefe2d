"""`fairs purge`: deletes expired data now, as the nightly job does, or says what would go."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairs.commands.runtime.database import existing_database, run_in_database
from fairs.commands.runtime.settings_check import data_option

if TYPE_CHECKING:
    from fairs.upkeep.purge import Expired


@click.command()
@data_option
@click.option("--dry-run", is_flag=True, help="Only say how many rows would go.")
def purge(data: Path | None, dry_run: bool) -> None:
    """Delete what the retention rules no longer allow to keep. A worker does it every night."""

    async def work() -> "list[Expired]":
        from fairs.core import clock
        from fairs.upkeep import purge as rules

        return await (rules.expired(clock.now()) if dry_run else rules.apply(clock.now()))

    from fairs.core import i18n

    with existing_database(data) as found:
        met = run_in_database(found, work())
    i18n.set_lang("en")
    for one in met:
        age = f"older than {one.period.days} d" if one.period else ""
        click.echo(f"{one.number:>9,}  {one.rule.what!s:<52} {age}".rstrip())
    total = sum(one.number for one in met)
    click.echo(f"{total:,} rows {'would be' if dry_run else 'were'} purged")
