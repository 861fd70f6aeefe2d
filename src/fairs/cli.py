"""The product's commands. Exit status 0, or a one-line human error."""

import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import click

from fairs import __version__
from fairs.checkin.rehearsal.cli import rehearse_command
from fairs.commands.admin import create_admin, migrate, show_mail
from fairs.commands.backup import backup, restore
from fairs.commands.demo import demo
from fairs.commands.doctor import doctor
from fairs.commands.forget import forget
from fairs.commands.index import index
from fairs.commands.invite import invite
from fairs.commands.purge import purge
from fairs.commands.rotate_keys import rotate_keys
from fairs.commands.runtime.database import database, existing_database, run_in_database, run_in_pool
from fairs.commands.runtime.errors import Problem, because
from fairs.commands.runtime.settings_check import load_settings
from fairs.commands.runtime.signals import INTERRUPTED
from fairs.commands.serve import serve, worker
from fairs.matching.cli import explain_command, match

__all__ = ["database", "load_settings", "main", "run_in_database"]


def _badges() -> click.Command:
    from fairs.badges.cli import badges_group

    return badges_group(in_database)


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


def _meetings() -> click.Command:
    from fairs.meetings.cli import meetings

    return meetings


def _tours() -> click.Command:
    from fairs.tours.cli import tours

    return tours


def _print_agent() -> click.Command:
    from fairs.badges.agent.cli import print_agent

    return print_agent


class Commands(click.Group):
    """A group that prints every failure in one line. FAIRS_TRACE=1 shows the origin of unexpected ones."""

    later: dict[str, Callable[[], click.Command]] = {
        "badges": _badges,
        "meetings": _meetings,
        "print-agent": _print_agent,
        "tours": _tours,
    }
    """Commands that load a slice's code: loaded only on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self.later})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self.later:
            return self.later[cmd_name]()
        return super().get_command(ctx, cmd_name)

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


match.add_command(explain_command(in_wired_database))
for _command in (
    serve,
    worker,
    migrate,
    create_admin,
    invite,
    show_mail,
    doctor,
    backup,
    restore,
    purge,
    forget,
    rotate_keys,
    demo,
    match,
):
    main.add_command(_command)
match.add_command(index)
main.add_command(rehearse_command(in_wired_database))


if __name__ == "__main__":
    main()
