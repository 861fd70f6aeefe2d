"""The product's commands. Exit status 0, or a one-line human error."""

import gc
import os
import sys
from collections.abc import Callable, Coroutine
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from fairs import __version__
from fairs.commands.runtime.database import database, existing_database, run_in_database, run_in_pool
from fairs.commands.runtime.errors import Problem, because
from fairs.commands.runtime.settings_check import load_settings
from fairs.commands.runtime.signals import INTERRUPTED

# Little of what is loaded is garbage: looking for it as often as usual takes an eighth of a start.
gc.set_threshold(50_000, 10, 10)
__all__ = ["database", "load_settings", "main", "run_in_database"]


def in_database(data: Path | None, work: Coroutine[Any, Any, int]) -> int:
    """Run a slice's command in the database of a data folder."""
    try:
        with existing_database(data) as found:
            return run_in_pool(found, work)
    finally:
        work.close()


def in_wired_database(data: Path | None, work: Coroutine[Any, Any, int]) -> int:
    """The same for a command that asks higher slices."""
    from fairs.wiring import wire

    wire()
    return in_database(data, work)


def _badges() -> click.Command:
    from fairs.badges.cli import badges_group

    return badges_group(in_database)


def _match() -> click.Command:
    from fairs.commands.index import index
    from fairs.matching.cli import explain_command, match

    match.add_command(explain_command(in_wired_database))
    match.add_command(index)
    return match


def _rehearse() -> click.Command:
    from fairs.checkin.rehearsal.cli import rehearse_command

    return rehearse_command(in_wired_database)


WHERE = {
    "backup": "fairs.commands.backup",
    "create-admin": "fairs.commands.admin",
    "demo": "fairs.commands.demo",
    "doctor": "fairs.commands.doctor",
    "forget": "fairs.commands.forget",
    "invite": "fairs.commands.invite",
    "meetings": "fairs.meetings.cli",
    "migrate": "fairs.commands.admin",
    "print-agent": "fairs.badges.agent.cli",
    "purge": "fairs.commands.purge",
    "restore": "fairs.commands.backup",
    "rotate-keys": "fairs.commands.rotate_keys",
    "serve": "fairs.commands.serve",
    "show-mail": "fairs.commands.admin",
    "tours": "fairs.tours.cli",
    "worker": "fairs.commands.serve",
}
"""Command → its module, which has it under the same name."""
MADE: dict[str, Callable[[], click.Command]] = {"badges": _badges, "match": _match, "rehearse": _rehearse}


class Commands(click.Group):
    """A group that prints every failure in one line. FAIRS_TRACE=1 shows the origin of unexpected ones."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(WHERE | MADE)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Loads the code of this command only: that of all takes six times as long."""
        if cmd_name in MADE:
            return MADE[cmd_name]()
        if cmd_name not in WHERE:
            return None
        found: click.Command = getattr(import_module(WHERE[cmd_name]), cmd_name.replace("-", "_"))
        return found

    def main(self, *args: Any, **extra: Any) -> Any:
        extra.setdefault("prog_name", "fairs")
        if not extra.pop("standalone_mode", True):
            return super().main(*args, standalone_mode=False, **extra)  # type: ignore[call-overload]
        try:
            status = super().main(*args, standalone_mode=False, **extra)  # type: ignore[call-overload]
        except click.UsageError as error:
            hint = f"  See {error.ctx.command_path} --help" if error.ctx else ""
            click.echo(f"fairs: {error.format_message()}{hint}", err=True)
            sys.exit(error.exit_code)
        except click.ClickException as error:
            Problem(error.format_message()).show()
            sys.exit(error.exit_code)
        except (click.Abort, KeyboardInterrupt):
            click.echo("stopped", err=True)
            sys.exit(INTERRUPTED)
        except Exception as error:
            if os.environ.get("FAIRS_TRACE"):
                raise
            Problem(f"{type(error).__name__}: {because(error)}  (FAIRS_TRACE=1 shows where)").show()
            sys.exit(1)
        sys.exit(status if isinstance(status, int) else 0)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="fairs")
def main() -> None:
    """Recruitment fairs for overseas talent, from the call for listings to the last arrival at work."""


if __name__ == "__main__":
    main()
