"""`fairs demo`: the demo edition, built on the first run and served.

`demo.json` is written last, so it exists only when the edition is complete. A comment on the database marks it as a
demo: only a marked database is ever emptied, to be built again after an interruption.
"""

import asyncio
import contextlib
import json
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import click

from fairs import __version__, settings
from fairs.commands import database_marker
from fairs.commands.runtime.apart import apart
from fairs.commands.runtime.database import bring_up_to_date, database, run_in_database
from fairs.commands.runtime.errors import Problem
from fairs.commands.runtime.private_file import write_private
from fairs.commands.runtime.progress import Steps
from fairs.commands.runtime.settings_check import data_option, load_settings
from fairs.commands.runtime.signals import stop_on_term
from fairs.commands.serve import application_loading, base_url_for, check_port, only_server, run_server

ACCESS = "demo.json"
BUILDING = "demo.building"
NO_WAITING = "&synchronous_commit=off"
FIRST_DAY = date(2018, 10, 27)
DAYS = 2
ZONE = ZoneInfo("Asia/Shanghai")


@click.command()
@data_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 is every one.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option(
    "--scale", default=1, show_default=True, type=click.IntRange(1, 50), help="Multiplies people and listings."
)
@click.option("--no-serve", is_flag=True, help="Build it, and do not serve.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The first fair day is this date.")
@click.option(
    "--shift/--dates-of-2018",
    default=None,
    help="The first fair day is the day on which the demo is built, in the fair's time zone (default), or 2018-10-27.",
)
def demo(
    data: Path | None, host: str, port: int, scale: int, no_serve: bool, today: datetime | None, shift: bool | None
) -> None:
    """Show a whole fair of invented people, which begins today.

    The first run builds it, in about a minute. It is served until Ctrl-C or SIGTERM. Events later than now have not
    happened yet.
    """
    if today and shift is not None:
        other = "--shift" if shift else "--dates-of-2018"
        raise click.UsageError(f"--today and {other} exclude each other", click.get_current_context())
    found = load_settings(data)
    now = moment_of(found)
    first_day = today.date() if today else FIRST_DAY if shift is False else now.astimezone(ZONE).date()
    found = replace(found, base_url=base_url_for(found, host, port), inline_worker=True, demo=True)
    with stop_on_term(), only_server(found, found.base_url):
        if not no_serve:
            check_port(host, port)
        with application_loading():
            opened = contextlib.ExitStack()
            ready = opened.enter_context(database(found))
        with opened:
            asked = bool(today) or shift is not None or scale > 1
            access = prepare(ready, scale, first_day, now, asked=asked, own=not found.database_url)
            if no_serve:
                click.echo(f"the demo stands in {found.data_dir}; accounts and passwords are in {ACCESS}")
                return
            check_port(host, port)
            click.echo(_welcome(ready, access))
            run_server(ready, host, port, workers=1)
    click.echo("stopped", err=True)


def moment_of(found: settings.Settings) -> datetime:
    """The present moment, or that of a rehearsal (FAIRS_NOW)."""
    if not found.now:
        return datetime.now(UTC)
    given = datetime.fromisoformat(found.now)
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def prepare(
    found: settings.Settings, scale: int, first_day: date, now: datetime, *, asked: bool = False, own: bool = False
) -> dict[str, Any]:
    """The demo's accounts; builds the demo unless complete. Raises Problem when the database contains other data.

    `own`: the database is the embedded one, which nobody else uses.
    """
    access = read_access(found.data_dir / ACCESS)
    state = asyncio.run(_state(found.session_url))
    if state == Content.FOREIGN:
        raise Problem(
            f"the database of {found.data_dir} holds a fair that is not a demo: choose another folder with --data"
        )
    if access and state == Content.DEMO:
        (found.data_dir / BUILDING).unlink(missing_ok=True)
        wanted = {"scale": scale, "first_day": first_day.isoformat()}
        if asked and any(access.get(key, wanted[key]) != wanted[key] for key in wanted):
            click.echo(
                f"this demo was built with scale {access.get('scale')}, first day {access.get('first_day')}, and stays so; "
                "another folder (--data) takes another one",
                err=True,
            )
        elif said := dates_gone(access, now.astimezone(ZONE).date()):
            click.echo(said, err=True)
        if access.get("base_url") != found.base_url:
            access["base_url"] = found.base_url
            _write(found, access)
        return access
    return _build(found, scale, first_day, now, anew=state == Content.DEMO, own=own)


def dates_gone(access: dict[str, Any], today: date) -> str:
    """Message about a demo whose days are over; empty while they are not, and for those of 2018."""
    try:
        first_day = date.fromisoformat(access["first_day"])
    except (KeyError, ValueError):
        return ""
    if first_day == FIRST_DAY or today < first_day + timedelta(days=DAYS):
        return ""
    return (
        f"this demo's fair began on {first_day} and is over; its dates stay. For one that begins today take another folder "
        f"(--data), or remove {ACCESS}: then it is built anew, without what was entered"
    )


def read_access(path: Path) -> dict[str, Any] | None:
    """The content of demo.json; None when the demo is incomplete."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("accounts") else None


def _build(
    found: settings.Settings, scale: int, first_day: date, now: datetime, *, anew: bool, own: bool
) -> dict[str, Any]:
    began = time.monotonic()
    if anew:
        click.echo("an earlier run did not finish the demo: building it anew", err=True)
    else:
        click.echo("building the demo edition, once", err=True)
    write_private(found.data_dir / BUILDING, f"scale {scale}\n")
    (found.data_dir / ACCESS).unlink(missing_ok=True)
    asyncio.run(database_marker.mark(found.session_url, database_marker.DEMO))
    if anew:
        asyncio.run(database_marker.empty(found.session_url))
        bring_up_to_date(found)
    shift = timedelta(days=(first_day - FIRST_DAY).days)
    # a build that is killed begins anew, so that its transactions need not wait for the disk
    url = found.database_url + (NO_WAITING if own else "")
    access = apart(_built, replace(found, database_url=url), scale, shift, now)
    asyncio.run(database_marker.mark(found.session_url, database_marker.DEMO))  # waits for all that is written
    access |= {"base_url": found.base_url, "scale": scale, "first_day": first_day.isoformat()}
    _write(found, access)
    (found.data_dir / BUILDING).unlink(missing_ok=True)
    click.echo(f"built in {time.monotonic() - began:.0f} s", err=True)
    return access


def _built(found: settings.Settings, scale: int, shift: timedelta, now: datetime) -> dict[str, Any]:
    """What the builder returns, in a process of its own: the servers are forked from one that has not used the store."""
    from fairs.demo.builder import build_demo

    steps = Steps()
    building = build_demo(found, scale=scale, progress=steps, shift=shift, now=now)
    access = run_in_database(replace(found, now=""), building)
    steps.close()
    return access


def _write(found: settings.Settings, access: dict[str, Any]) -> None:
    write_private(found.data_dir / ACCESS, json.dumps(access, ensure_ascii=False, indent=1) + "\n")


class Content(StrEnum):
    """Whose a database is: marked as a demo, not used by anybody yet, or somebody's."""

    DEMO = "demo"
    EMPTY = "empty"
    FOREIGN = "foreign"


async def _state(dsn: str) -> Content:
    """Whether the database is marked as a demo, and if not, whether anybody has worked in it."""
    if await database_marker.mark_of(dsn) == database_marker.DEMO:
        return Content.DEMO
    connection = await asyncpg.connect(dsn)
    try:
        used = await connection.fetchval("SELECT EXISTS (SELECT FROM account) OR EXISTS (SELECT FROM event)")
        return Content.FOREIGN if used else Content.EMPTY
    finally:
        await connection.close()


def _welcome(found: settings.Settings, access: dict[str, Any]) -> str:
    """The welcome text: the address and the accounts."""
    rows = [("role", "e-mail", "password")]
    rows += [(row["role"], row["email"], row["password"]) for row in access["accounts"]]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(
        [f"fairs {__version__} at {found.base_url}  (Ctrl-C stops)", "", *(f"  {line}" for line in table), ""]
    )
