"""`fairs serve --relay`: the folder of a venue relay, its first copy, and its end."""

import json
import socket
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from fairs import settings
from fairs.commands.runtime.database import run_in_database
from fairs.commands.runtime.errors import Problem
from fairs.commands.runtime.settings_check import read_settings

FOLDER = Path(".fairs-relay")
MARK = "relay.json"  # in the folder: whose relay it is
ENDED = "relay.ended"  # as in `checkin.relay.syncing`, which takes a second to load


def folder(data: Path | None, relay: str) -> Path | None:
    """A relay never takes the folder of an installation by default."""
    if not relay or data is not None or read_settings(None).data_dir != Path(".fairs").absolute():
        return data
    return FOLDER


def check(relay: str, token: str, workers: int) -> None:
    """What is given, before anything is made. Raises Problem."""
    if not relay:
        return
    parts = urlsplit(relay)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise Problem(f"--relay must be the address of the server, such as https://fairs.example.org, not {relay!r}")
    if not token.startswith("fapi_") or not token.isascii():
        raise Problem("a relay needs the token of the page “Tokens and devices”, with --token or FAIRS_RELAY_TOKEN")
    if workers != 1:
        raise Problem("a relay has one server process: leave --workers out")


def with_relay(found: settings.Settings, relay: str, token: str) -> settings.Settings:
    """The settings of a relay; without --relay those of a server. Raises Problem for the other's folder."""
    if not relay and (found.data_dir / MARK).exists():
        raise Problem(f"{found.data_dir} is the folder of a venue relay: start it with --relay, or choose another one")
    return replace(found, relay_url=relay, relay_token=token if relay else "")


def own_address(server: str) -> str:
    """This machine's address in the network through which it would reach the server; nothing is sent."""
    parts = urlsplit(server)
    try:
        family, _, _, _, address = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(address)
            found = str(probe.getsockname()[0])
    except OSError:
        return "127.0.0.1"
    return f"[{found}]" if ":" in found else found


def prepare(found: settings.Settings) -> None:
    """The first copy, with its progress; later starts serve at once. Raises Problem."""
    from fairs.checkin.relay import syncing
    from fairs.core.services import current

    _forget_end(found)
    done = [0]

    def told(people: int, total: int) -> None:
        done[0] += people
        click.echo(f"copied {min(done[0], total):,} of {total:,} people", err=True)

    async def work() -> None:
        relay = syncing.RELAY()
        assert relay is not None, "the settings name a server"
        await syncing.prepare(relay, told)

    with current().restored():
        try:
            run_in_database(found, work())
        except syncing.Stop as ended:
            raise Problem(str(ended)) from ended
    (found.data_dir / MARK).write_text(json.dumps({"url": found.relay_url}) + "\n", encoding="utf-8")


def _forget_end(found: settings.Settings) -> None:
    (found.data_dir / ENDED).unlink(missing_ok=True)


def say_end(found: settings.Settings) -> None:
    """When the relay has ended for good while serving, say why. Raises Problem."""
    note = found.data_dir / ENDED
    if found.relay_url and note.exists():
        raise Problem(note.read_text(encoding="utf-8").strip())
