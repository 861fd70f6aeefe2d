"""`fairs rehearse`: plays a crowd against the configuration of an event and prints lines, lanes and printers needed."""

from collections.abc import Callable, Coroutine
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from fairs.accounts.actor import SYSTEM
from fairs.checkin.rehearsal.simulation import SPAN, Result, Station

InDatabase = Callable[[Path | None, Coroutine[Any, Any, int]], object]


async def rehearse(slug: str, *, day: date | None, sizes: tuple[int, int, int, int], seconds: int) -> int:
    """Play and print; the status of the command. Raises ClickException with what is missing."""
    from fairs.checkin.rehearsal import history, services
    from fairs.core import clock
    from fairs.core.errors import DomainError
    from fairs.events.queries import event_by_slug
    from fairs.events.rules import days_of

    try:
        event = await event_by_slug(slug, viewer=SYSTEM)
        days = days_of(event.starts_at, event.ends_at, event.timezone)
        if day is not None and day not in days:
            raise click.ClickException(f"the event is on {', '.join(one.isoformat() for one in days)}")
        found = await history.measured(event.id)
        plan = services.Plan(day or days[0], *sizes, seconds, history.assumed(found))
        if found is not None:
            click.echo(
                f"shares measured at {found.slug}: {found.people} people came in, {found.looked_up} found by name,"
                f" {found.refused} sent to the desk, {found.walk_ins} registered on the spot"
            )
        if event.starts_at <= clock.now() < event.ends_at:
            click.echo(
                "the event is running: the rehearsal takes time from the server that answers its gates", err=True
            )
        made = await services.open_rehearsal(event.id, plan, by=SYSTEM)
    except DomainError as refused:
        raise click.ClickException(str(refused.message) or f"there is no event {slug}") from None
    result = await services.run(made)
    if result is None:
        raise click.ClickException("the rehearsal failed; the log says why")
    _print(result, event.timezone)
    return 0


def _print(result: Result, zone: str) -> None:
    server = result.server
    click.echo(
        f"{server.scans} scans played on this database in {server.seconds} s and taken back:"
        f" median {server.p50_ms} ms, p99 {server.p99_ms} ms"
    )
    for reason, number in server.refused.items():
        click.echo(f"  refused as the gates are set up: {reason} {number}")
    click.echo(
        f"\n{'line':24} {'lanes':>6} {'people':>7} {'a minute a lane':>16} {'wait p95':>9} {'longest':>8} {'needed':>7}"
    )
    for station in result.stations:
        click.echo(
            f"{station.code[:24]:24} {station.lanes:6} {station.people:7} {station.per_minute:16.1f}"
            f" {_minutes(station.wait_p95):>9} {_minutes(station.wait_longest):>8} {station.needed:7}"
        )
    click.echo("\nlongest line in each ten minutes")
    for at in range(max(len(station.line) for station in result.stations)):
        begins: datetime = result.begins + timedelta(seconds=SPAN * at)
        numbers = "  ".join(f"{station.code[:12]} {_at(station, at)}" for station in result.stations)
        click.echo(f"{begins.astimezone(ZoneInfo(zone)):%H:%M}  {numbers}")


def _at(station: Station, at: int) -> int:
    return station.line[at] if at < len(station.line) else 0


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def rehearse_command(in_database: InDatabase) -> click.Command:
    """The command; `in_database(data_folder, coroutine)` runs a coroutine with the pool open."""

    @click.command("rehearse")
    @click.argument("event")
    @click.option("--people", default=0, type=click.IntRange(0, 100_000), help="People who come; 0: all with a badge.")
    @click.option("--minutes", default=1, type=click.IntRange(1, 20), show_default=True, help="How long to play.")
    @click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Day of the event (default: its first).")
    @click.option("--lanes", default=0, type=click.IntRange(0, 200), help="Lanes in all; 0: one for each scanner.")
    @click.option("--desks", default=1, type=click.IntRange(1, 50), show_default=True, help="People at the desk.")
    @click.option("--printers", default=1, type=click.IntRange(1, 50), show_default=True, help="Printers.")
    @click.option("--data", type=click.Path(path_type=Path), help="Data folder (default: FAIRS_DATA, else .fairs).")
    def command(
        event: str,
        people: int,
        minutes: int,
        day: datetime | None,
        lanes: int,
        desks: int,
        printers: int,
        data: Path | None,
    ) -> object:
        """Play a crowd against the real configuration of EVENT: gates, scanners, sign-ups. Changes no number."""
        sizes = (people, lanes, desks, printers)
        return in_database(data, rehearse(event, day=day.date() if day else None, sizes=sizes, seconds=minutes * 60))

    return command
