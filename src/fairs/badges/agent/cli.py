"""`fairs print-agent`: prints a desk's badges on a printer beside it."""

import asyncio
import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit

import click

from fairs import __version__
from fairs.badges.agent.bridge import Agent
from fairs.badges.agent.journal import InUse, Journal
from fairs.badges.agent.printer import Printer
from fairs.badges.agent.server import Away, Denied, Server, Taken

LOCAL = ("localhost", "127.0.0.1", "::1")


def folder_for(token: str) -> Path:
    """Where the journal of a printer is kept when nothing else is said."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local/state")
    return Path(state) / "fairs-print" / prefix_of(token)


def prefix_of(token: str) -> str:
    """The beginning of the names that prints have at the printer; tells nothing of the token."""
    return "fairs-" + hashlib.sha256(token.encode()).hexdigest()[:10]


def _say(text: str) -> None:
    click.echo(text)


async def work(server_url: str, token: str, printer: Printer, journal: Journal, *, once: bool) -> None:
    """Print until it is stopped; `once`: until nothing waits. Raises ClickException when the server denies the token."""
    server = Server(server_url, token, agent=journal.agent, version=__version__, address=printer.address)
    agent = Agent(server, printer, journal, prefix=prefix_of(token), say=_say)
    try:
        if once:
            while await agent.turn() == 0.0:
                pass
        else:
            await agent.run()
    except Denied as denied:
        raise click.ClickException(f"the server refuses the token of this printer ({denied})") from None
    except Taken:
        raise click.ClickException("another agent prints for this printer; stop it first") from None
    except Away as away:
        raise click.ClickException(f"the server is away ({away})") from None
    finally:
        await server.close()


@click.command("print-agent")
@click.option("--server", "server_url", required=True, help="Address of the server, as in the browser.")
@click.option(
    "--printer", "address", required=True, help="ipp://host/path; a queue of CUPS: ipp://localhost/printers/NAME."
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with the printer's token (default: FAIRS_PRINT_TOKEN).",
)
@click.option("--state", type=click.Path(path_type=Path), help="Folder of the journal (default: below ~/.local/state).")
@click.option("--once", is_flag=True, help="End when nothing waits any more.")
def print_agent(server_url: str, address: str, token_file: Path | None, state: Path | None, *, once: bool) -> None:
    """Print the badges of a desk on a printer beside it.

    An organiser makes the printer and its token on the page "Printers" of the event. The badge desk then offers it.
    """
    token = (token_file.read_text("utf-8") if token_file else os.environ.get("FAIRS_PRINT_TOKEN", "")).strip()
    if not token or not token.isascii():
        raise click.ClickException("no token: set FAIRS_PRINT_TOKEN or use --token-file")
    parts = urlsplit(server_url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL):
        raise click.ClickException("the address of the server begins with https:// (http:// on this machine only)")
    try:
        printer = Printer(address)
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from None
    try:
        journal = Journal(state or folder_for(token))
    except InUse:
        raise click.ClickException("another agent runs with this journal") from None
    _say(f"printing for {server_url} on {address}; stop with Ctrl-C")
    try:
        asyncio.run(work(server_url, token, printer, journal, once=once))
    finally:
        journal.close()
