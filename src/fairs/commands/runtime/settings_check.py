"""Settings of a command: read, completed with keys, and checked."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from fairs import settings
from fairs.commands.runtime.errors import Problem, because
from fairs.core import dsn, object_store
from fairs.files import clamd

SHORTEST_KEY = 32  # characters
data_option = click.option(
    "--data", type=click.Path(path_type=Path), help="Data folder (default: FAIRS_DATA, else .fairs)."
)


def load_settings(data: Path | None, *, make: bool = True) -> settings.Settings:
    """Settings for a command; creates the secret key if needed, `make=False` requires one to exist. Raises Problem."""
    found = read_settings(data)
    if not make:
        _refuse_what_is_not_there(found)
    try:
        found = settings.with_keys(found)
    except OSError as error:
        if found.secret_file:
            raise Problem(f"FAIRS_SECRET_FILE: cannot read {found.secret_file} ({error.strerror})") from error
        raise Problem(
            f"cannot write to {error.filename or found.data_dir} ({error.strerror}): choose another folder with --data"
        ) from error
    except ValueError as error:
        raise Problem(because(error)) from error
    wrong = mistakes(found)
    if wrong:
        raise Problem(wrong[0])
    return found


def _refuse_what_is_not_there(found: settings.Settings) -> None:
    """Only a command that may start an installation creates anything; for the others a wrong folder is a mistake."""
    from fairs.core.embedded import EmbeddedError
    from fairs.core.embedded.folders import CLUSTER, find_home

    begin = "fairs serve, migrate, create-admin, demo and restore make one"
    try:
        made = bool(found.database_url) or (find_home(found.data_dir) / CLUSTER / "PG_VERSION").exists()
    except EmbeddedError as error:
        raise Problem(str(error)) from error
    if not made:
        raise Problem(f"there is no installation in {found.data_dir}: check --data and FAIRS_DATA ({begin})")
    if not found.secret_key and not (found.data_dir / settings.SECRET_FILE).exists():
        raise Problem(
            f"there is no {settings.SECRET_FILE} in {found.data_dir}: check --data and FAIRS_DATA, or set FAIRS_SECRET_KEY"
        )


def read_settings(data: Path | None) -> settings.Settings:
    """Settings as they are; creates nothing. Raises Problem."""
    try:
        found = settings.load(data_dir=data)
        return replace(found, data_dir=found.data_dir.expanduser().absolute())
    except (ValueError, OSError, RuntimeError) as error:
        raise Problem(because(error)) from error


def mistakes(found: settings.Settings) -> list[str]:
    """Mistakes visible in the settings without trying them; one sentence each."""
    wrong = []
    if any(len(key) < SHORTEST_KEY for key in found.secret_keys):
        wrong.append(
            "FAIRS_SECRET_KEY needs at least 32 characters; without it a key is made and kept in the data folder"
        )
    for name, url in (
        ("FAIRS_DATABASE_URL", found.database_url),
        ("FAIRS_DATABASE_DIRECT_URL", found.database_direct_url),
    ):
        if url and (what := dsn.mistake(url)):
            wrong.append(f"{name} {what}")
    if found.database_direct_url and not found.database_url:
        wrong.append("FAIRS_DATABASE_DIRECT_URL needs FAIRS_DATABASE_URL, the pooler's address, beside it")
    if not _is_url(found.base_url, "http", "https") or not urlsplit(found.base_url).hostname:
        wrong.append(f"FAIRS_BASE_URL must be an http:// or https:// address, not {found.base_url!r}")
    if found.smtp_url and not _is_url(found.smtp_url, "smtp", "smtps"):
        wrong.append("FAIRS_SMTP_URL must look like smtp://user:password@host:port (or smtps://)")
    if found.bounces_url and not _is_url(found.bounces_url, "imap", "imaps"):
        wrong.append("FAIRS_BOUNCES_URL must look like imaps://user:password@host/INBOX")
    if found.files_url and (what := object_store.mistake(found.files_url)):
        wrong.append(f"FAIRS_FILES_URL {what}")
    if found.clamd_url and (what := clamd.mistake(found.clamd_url)):
        wrong.append(f"FAIRS_CLAMD_URL {what}")
    if "@" not in found.mail_from:
        wrong.append(f"FAIRS_MAIL_FROM must be an e-mail address, not {found.mail_from!r}")
    if not 2 <= found.pool_size <= 1000:
        wrong.append(f"FAIRS_POOL_SIZE must be from 2 to 1000, not {found.pool_size}")
    if found.retrieval not in ("exact", "pgvector"):
        wrong.append(f"FAIRS_RETRIEVAL must be exact or pgvector, not {found.retrieval!r}")
    if found.metrics_port and not _is_port(found.metrics_port):
        wrong.append(f"FAIRS_METRICS_PORT must be a port, or host:port, not {found.metrics_port!r}")
    if found.now and not _is_moment(found.now):
        wrong.append(f"FAIRS_NOW must be a moment such as 2018-10-27T09:30+08:00, not {found.now!r}")
    if not _is_zone(found.timezone):
        wrong.append(f"FAIRS_TIMEZONE must be a time zone such as Asia/Shanghai, not {found.timezone!r}")
    return wrong


def _is_url(text: str, *schemes: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and (parts.port is None or 0 < parts.port < 65536)
    except ValueError:
        return False


def _is_port(text: str) -> bool:
    number = text.rpartition(":")[2]
    return number.isascii() and number.isdigit() and 0 < int(number[:6]) < 65536


def _is_zone(text: str) -> bool:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def key_file(found: settings.Settings) -> Path | None:
    """The file with the keys; None when the environment contains them."""
    return Path(found.secret_file) if found.secret_file else None
