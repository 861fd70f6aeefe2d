"""`fairs badges`: shell commands for badges. The caller provides the database."""

import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import click

from fairs.accounts.actor import SYSTEM
from fairs.badges.queries import export_codes
from fairs.core.errors import Conflict, NotFound

InDatabase = Callable[[Path | None, Coroutine[Any, Any, int]], object]


async def write_codes(slug: str) -> int:
    """Print one JSON per line: {"registration", "code"}; returns the count. Raises ClickException: no such event."""
    count = 0
    try:
        async for item in export_codes(slug):
            click.echo(json.dumps(item, ensure_ascii=False))
            count += 1
    except NotFound:
        raise click.ClickException(f"there is no event {slug}") from None
    return count


async def new_key() -> int:
    """Make the key and print its number. Raises ClickException when all numbers are used up."""
    from fairs.badges.services import rotate_key  # half a second of libraries: other commands need none of them

    try:
        number = await rotate_key(by=SYSTEM)
    except Conflict as refused:
        raise click.ClickException(str(refused.message)) from None
    click.echo(f"badges are signed with key {number} from now on; scanners learn it with their next snapshot")
    return number


def badges_group(in_database: InDatabase) -> click.Group:
    """The commands; `in_database(data_folder, coroutine)` runs a coroutine with the pool open."""

    @click.group()
    def badges() -> None:
        """Export the codes of badges, change the key that signs them."""

    @badges.command("export")
    @click.option("--event", "slug", required=True, help="Short name of the event.")
    @click.option("--data", type=click.Path(path_type=Path), help="Data folder (default: FAIRS_DATA, else .fairs).")
    def export(slug: str, data: Path | None) -> None:
        """Print the code of every badge of an event, one JSON per line."""
        in_database(data, write_codes(slug))

    @badges.command("rotate-key")
    @click.option("--data", type=click.Path(path_type=Path), help="Data folder (default: FAIRS_DATA, else .fairs).")
    def rotate(data: Path | None) -> None:
        """Sign badges with a new key from now on.

        Badges of former keys stay valid until they expire; scanners get the new public key with their next snapshot.
        """
        in_database(data, new_key())

    return badges
