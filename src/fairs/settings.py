"""Configuration: read once from the environment, then passed in."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

SECRET_FILE = "secret.key"


@dataclass(frozen=True)
class Settings:
    """Settings of the administrator. `env` in the metadata names the variable, `help` explains it."""

    data_dir: Path = field(
        default=Path(".fairs"),
        metadata={"env": "FAIRS_DATA", "help": "folder of the embedded database, files and keys"},
    )
    database_url: str = field(
        default="",
        metadata={
            "env": "FAIRS_DATABASE_URL",
            "help": "PostgreSQL to use instead of the embedded one",
            "secret": True,
        },
    )
    database_direct_url: str = field(
        default="",
        metadata={
            "env": "FAIRS_DATABASE_DIRECT_URL",
            "help": "the server itself, when FAIRS_DATABASE_URL is a pooler in transaction mode",
            "secret": True,
        },
    )
    files_url: str = field(
        default="",
        metadata={
            "env": "FAIRS_FILES_URL",
            "help": "object store: file:///folder or s3://bucket/prefix?endpoint=https://…&region=…; default DATA/files",
        },
    )
    clamd_url: str = field(
        default="",
        metadata={
            "env": "FAIRS_CLAMD_URL",
            "help": "ClamAV that checks uploads: tcp://host:3310 or unix:///run/clamav/clamd.ctl; empty checks without it",
        },
    )
    smtp_url: str = field(
        default="",
        metadata={
            "env": "FAIRS_SMTP_URL",
            "help": "smtp://user:password@host:port (smtps:// for TLS); empty keeps mail in the outbox",
            "secret": True,
        },
    )
    mail_from: str = field(
        default="fairs@localhost.localdomain",
        metadata={"env": "FAIRS_MAIL_FROM", "help": "sender address of every mail"},
    )
    bounces_url: str = field(
        default="",
        metadata={
            "env": "FAIRS_BOUNCES_URL",
            "help": "imaps://user:password@host/INBOX, the mailbox of the sender's address: reports of mail that came back are read",
            "secret": True,
        },
    )
    base_url: str = field(
        default="http://127.0.0.1:8000",
        metadata={"env": "FAIRS_BASE_URL", "help": "public address; links in mails and badges start with it"},
    )
    secret_key: str = field(
        default="",
        metadata={
            "env": "FAIRS_SECRET_KEY",
            "help": "at least 32 characters; default: made once and kept in DATA/secret.key",
            "secret": True,
        },
    )
    more_secret_keys: str = field(
        default="",
        metadata={
            "env": "FAIRS_MORE_SECRET_KEYS",
            "help": "keys beside FAIRS_SECRET_KEY that open what was sealed with them, separated by spaces",
            "secret": True,
        },
    )
    secret_file: str = field(
        default="",
        metadata={
            "env": "FAIRS_SECRET_FILE",
            "help": "file of the keys, one a line, the current one first, instead of DATA/secret.key",
        },
    )
    now: str = field(
        default="",
        metadata={"env": "FAIRS_NOW", "help": "rehearsal: the moment to start the clock from (ISO 8601)"},
    )
    timezone: str = field(
        default="Asia/Shanghai",
        metadata={"env": "FAIRS_TIMEZONE", "help": "time zone of the installation: periodic jobs run by its clock"},
    )
    controller_zh: str = field(
        default="",
        metadata={
            "env": "FAIRS_CONTROLLER_ZH",
            "help": "privacy page: who is responsible, in Chinese; empty: the province",
        },
    )
    controller_en: str = field(
        default="",
        metadata={"env": "FAIRS_CONTROLLER_EN", "help": "the same in English"},
    )
    controller_contact: str = field(
        default="",
        metadata={
            "env": "FAIRS_CONTROLLER_CONTACT",
            "help": "privacy page: address, telephone or e-mail for questions about data; empty: FAIRS_MAIL_FROM",
        },
    )
    pool_size: int = field(
        default=10,
        metadata={"env": "FAIRS_POOL_SIZE", "help": "database connections a server process may hold"},
    )
    retrieval: str = field(
        default="exact",
        metadata={
            "env": "FAIRS_RETRIEVAL",
            "help": "exact compares with all in memory; pgvector asks an index in the database, for more than 100,000",
        },
    )
    inline_worker: bool = field(
        default=False,
        metadata={"env": "FAIRS_INLINE_WORKER", "help": "1 runs background jobs inside the server"},
    )
    trusted_proxy: bool = field(
        default=False,
        metadata={"env": "FAIRS_TRUSTED_PROXY", "help": "1 takes the client address from X-Forwarded-For"},
    )

    metrics_port: str = field(
        default="",
        metadata={
            "env": "FAIRS_METRICS_PORT",
            "help": "/metrics at a port of its own (9100, or 0.0.0.0:9100) instead of beside the pages",
        },
    )
    metrics_token: str = field(
        default="",
        metadata={
            "env": "FAIRS_METRICS_TOKEN",
            "help": "who reads /metrics sends this as a bearer token",
            "secret": True,
        },
    )
    webhooks_loopback: bool = field(
        default=False,
        metadata={
            "env": "FAIRS_WEBHOOKS_LOOPBACK",
            "help": "1 lets webhooks call this machine over http: for development only",
        },
    )
    relay_url: str = field(
        default="",
        metadata={"env": "FAIRS_RELAY_URL", "help": "a venue relay: the address of the server that it works for"},
    )
    relay_token: str = field(
        default="",
        metadata={
            "env": "FAIRS_RELAY_TOKEN",
            "help": "a venue relay: its token, from the page Tokens and devices",
            "secret": True,
        },
    )
    demo: bool = field(
        default=False,
        metadata={"env": "FAIRS_DEMO", "help": "1 shows /styleguide; fairs demo sets it"},
    )

    @property
    def session_url(self) -> str:
        """Address with real sessions: for LISTEN, jobs, migrations and backups."""
        return self.database_direct_url or self.database_url

    @property
    def secure_cookies(self) -> bool:
        """Cookies are marked Secure exactly when the public address is HTTPS."""
        return self.base_url.startswith("https://")

    @property
    def secret_keys(self) -> list[str]:
        """All keys, the current one first."""
        return list(dict.fromkeys(key for key in (self.secret_key, *self.more_secret_keys.split()) if key))

    def public(self) -> list[tuple[str, str, str]]:
        """(variable, shown value, help) of every setting, secrets masked."""
        rows = []
        for item in fields(self):
            value = str(getattr(self, item.name))
            shown = ("(set)" if value else "") if item.metadata.get("secret") else value
            rows.append((item.metadata["env"], shown, item.metadata["help"]))
        return rows


def _convert(raw: str, kind: object) -> object:
    if kind is bool:
        return raw.strip().lower() in {"1", "true", "yes", "on"}
    if kind is int:
        return int(raw)
    return Path(raw) if kind is Path else raw


def load(environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Settings from the environment; `overrides` win. Raises ValueError with the variable's name."""
    environ = os.environ if environ is None else environ
    values: dict[str, object] = {}
    for item in fields(Settings):
        name = item.metadata["env"]
        if environ.get(name):
            try:
                values[item.name] = _convert(environ[name], item.type)
            except ValueError as error:
                raise ValueError(f"{name}: {environ[name]!r} is not a number") from error
    values.update({key: value for key, value in overrides.items() if value is not None})
    return Settings(**values)  # type: ignore[arg-type]


def make_data_dir(data_dir: Path) -> None:
    """Create the data folder: the owner's alone, but root lets the database's user pass through it."""
    data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)


def with_keys(found: Settings) -> Settings:
    """The settings with the keys of the key file, unless FAIRS_SECRET_KEY has them; creates DATA/secret.key if needed.

    Raises OSError, and ValueError for a file without a key.
    """
    if found.secret_key and not found.secret_file:
        return found
    path = Path(found.secret_file).expanduser().absolute() if found.secret_file else found.data_dir / SECRET_FILE
    text = path.read_text(encoding="ascii") if found.secret_file else ensure_secret(found.data_dir)
    keys = [line.strip() for line in text.splitlines() if line.strip()]
    if not keys:
        raise ValueError(f"{path} holds no key")
    return replace(found, secret_key=keys[0], more_secret_keys=" ".join(keys[1:]), secret_file=str(path))


def ensure_secret(data_dir: Path) -> str:
    """The installation's key file as text, created with one key on first use and readable by the owner only."""
    path = data_dir / SECRET_FILE
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    make_data_dir(data_dir)
    secret = secrets.token_urlsafe(48)
    temporary = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(secret)
    try:
        os.link(temporary, path)  # fails when another process was first: then its secret applies
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    return path.read_text(encoding="ascii").strip()
