import re
import unicodedata

import asyncpg
import structlog
from email_validator import EmailNotValidError, validate_email
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-27T10:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "addresses in the one form by which a mailbox is known"
TABLES = ("account", "talent", "registration")
LINKS = "UPDATE sign_in_link SET email = $2 WHERE email = $1 AND used_at IS NULL"  # found by the account's address too
HELD = "SELECT DISTINCT to_email AS email FROM outgoing_mail WHERE state = 'held' ORDER BY 1"
DOTS = re.compile("[。．｡․·•‧∙]")
HYPHENS = re.compile("[\u2010-\u2015\u2212\ufe63\uff0d]")
log = structlog.get_logger("migrations")


def normal(stored: str) -> str | None:
    """The form in which an address is looked for from this version on; None when mail cannot be delivered to it."""
    text = unicodedata.normalize("NFKC", HYPHENS.sub("-", DOTS.sub(".", stored)))
    text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf").strip().lower()
    try:
        found = validate_email(text, check_deliverability=False, allow_quoted_local=False)
    except EmailNotValidError:
        return None
    if not found.local_part.isascii() or len(found.local_part) > 64:
        return None
    return f"{found.local_part}@{found.ascii_domain}".lower()


async def write_anew(connection: asyncpg.Connection) -> list[tuple[str, int, str]]:
    """Addresses are looked for in their normal form from now on, so they are stored in it.

    A row stays as it is where another one has that form already (two accounts of one mailbox: only a person can say which
    is kept), or where mail cannot be delivered to it. Those rows are logged and returned: table, id, why. No address is.
    """
    left = []
    for table in TABLES:
        for row in await connection.fetch(f"SELECT id, email FROM {table} ORDER BY id"):
            address = normal(row["email"])
            if address is None:
                left.append((table, row["id"], "undeliverable"))
                continue
            if address == row["email"]:
                continue
            try:
                async with connection.transaction():
                    await connection.execute(f"UPDATE {table} SET email = $2 WHERE id = $1", row["id"], address)
                    if table == "account":
                        await connection.execute(LINKS, row["email"], address)
            except asyncpg.UniqueViolationError:
                left.append((table, row["id"], "taken"))
    await _move_held_mail(connection)
    for table, number, reason in left:
        log.warning("address_left_as_it_is", table=table, id=number, reason=reason)
    return left


async def _move_held_mail(connection: asyncpg.Connection) -> None:
    """What waits for an address to be proved is found by the address, also where there is no account yet: of guests, say."""
    for row in await connection.fetch(HELD):
        address = normal(row["email"])
        if address is not None and address != row["email"]:
            await connection.execute(
                "UPDATE outgoing_mail SET to_email = $2 WHERE to_email = $1 AND state = 'held'", row["email"], address
            )


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run() -> None:
        await write_anew(engine_finder().current_transaction.get().connection)

    manager.add_raw(run)
    return manager
