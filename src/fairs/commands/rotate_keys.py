"""`fairs rotate-keys`: replaces the secret key while the server runs."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from fairs import sealed_columns, settings
from fairs.commands.runtime.database import database, run_in_pool
from fairs.commands.runtime.errors import Problem
from fairs.commands.runtime.private_file import write_private
from fairs.commands.runtime.progress import Steps
from fairs.commands.runtime.settings_check import data_option, load_settings
from fairs.commands.runtime.signals import stop_on_term
from fairs.core import crypto, sealing

SETTLE_SECONDS = 3 * crypto.FRESH_SECONDS  # after this, every process of the machine seals with the new key
ROUNDS = 5


async def seal_plain() -> sealing.Done:
    """Seal values that name no key."""
    sealed_columns.install()
    return await sealing.seal_plain()


async def counts() -> dict[str, int]:
    """Key id → number of values it seals."""
    sealed_columns.install()
    return await sealing.counts()


async def _reseal(steps: Steps, settle: Callable[[], Awaitable[None]]) -> dict[str, int]:
    """Seal everything with the current key; returns what other keys still seal at the end."""
    sealed_columns.install()
    await settle()
    left: dict[str, int] = {}
    for _ in range(ROUNDS):  # a process without the new key may have written meanwhile
        done = await sealing.reseal(steps)
        left = {key: n for key, n in (await sealing.counts()).items() if key != crypto.current_id()}
        if not left or not done.sealed:
            break
    return left


@click.command("rotate-keys")
@data_option
@click.option("--resume", is_flag=True, help="Make no new key: only seal with the current one what another one seals.")
@click.option("--drop-old", is_flag=True, help="Afterwards forget all keys but the current one.")
def rotate_keys(data: Path | None, resume: bool, drop_old: bool) -> None:
    """Replace the secret key, and seal everything with the new one.

    Works while the server runs. If it was killed, run it again with --resume. Old keys stay readable until --drop-old;
    open invitations and pages stay valid as long as their key. With FAIRS_SECRET_KEY the environment contains the keys:
    see the documentation.
    """
    with stop_on_term(), database(load_settings(data)) as found:
        file = Path(found.secret_file) if found.secret_file else None
        if file is None and not resume and not found.more_secret_keys:
            raise Problem(
                "FAIRS_SECRET_KEY holds the key: put the new one there and the old one into FAIRS_MORE_SECRET_KEYS, restart"
                " everything, then run fairs rotate-keys --resume"
            )
        if file is not None and not resume:
            found = _with_new_key(found, file)
        steps = Steps()
        left = run_in_pool(found, _reseal(steps, _settle if file else _at_once))
        steps.close()
        click.echo(f"the current key is {crypto.id_of(found.secret_key)}")
        _drop(found, file, left, asked=drop_old)


async def _settle() -> None:
    await asyncio.sleep(SETTLE_SECONDS)


async def _at_once() -> None:
    """Keys in the environment need no wait: every running process has them already."""


def _with_new_key(found: settings.Settings, file: Path) -> settings.Settings:
    """The settings with a new key before the others; writes the key file first."""
    keys = [secrets.token_urlsafe(48), *crypto.read_keys(file.read_text(encoding="ascii"))]
    try:
        write_private(file, "\n".join(keys) + "\n")
    except OSError as error:
        raise Problem(f"cannot write {file} ({error.strerror}): the keys are as before") from error
    return settings.with_keys(found)


def _drop(found: settings.Settings, file: Path | None, left: dict[str, int], *, asked: bool) -> None:
    """Report what other keys still seal, or drop those keys."""
    if left:
        named = ", ".join(f"{n:,} under {key or 'no named key'}" for key, n in left.items())
        raise Problem(f"some values are not sealed with the current key ({named}): run fairs rotate-keys --resume")
    click.echo("everything is sealed with it")
    if not asked:
        if len(found.secret_keys) > 1:
            click.echo("the old keys are still read: fairs rotate-keys --resume --drop-old forgets them")
    elif file is None:
        click.echo("FAIRS_MORE_SECRET_KEYS may be emptied now")
    else:
        write_private(file, found.secret_key + "\n")
        click.echo("the old keys are forgotten; backups made until now open with those inside them")
