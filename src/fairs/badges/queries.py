"""Read badges and the keys that sign them."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
from msgspec.structs import replace

from fairs.accounts.actor import Actor
from fairs.badges import codes, tokens
from fairs.badges.rows import ExportedBadge, FairOfBadge, IssuedCode, LiveBadge, PrintedBadge, PublicKey
from fairs.badges.sealed import PURPOSE
from fairs.core import crypto, db
from fairs.core.errors import NotFound
from fairs.core.rows import fetch_as, fetch_one_as, fetch_value_or_none
from fairs.core.services import Services
from fairs.events.queries import PLACE
from fairs.registrations.asking import on_badges
from fairs.registrations.queries import registration_by_number
from fairs.registrations.rows import RegistrationRow

EXPORT_BATCH = 2000  # badges per read


async def public_keys() -> dict[int, bytes]:
    """Number → raw Ed25519 public key, retired ones too: their badges stay valid."""
    return {row.number: row.public_key for row in await fetch_as(PublicKey, "SELECT number, public_key FROM badge_key")}


async def typed_otherwise(texts: Sequence[str]) -> list[bool]:
    """Whether each of these texts, none of which we signed, is a code of ours garbled under another keyboard layout."""
    uids = {uid for text in texts if codes.claim(text) is not None for uid, _ in codes.readings(text)}
    rows = (
        await fetch_as(IssuedCode, "SELECT uid, code FROM badge WHERE uid = ANY(:uids::bytea[])", uids=sorted(uids))
        if uids
        else []
    )
    issued = {claimed[0]: claimed[1] for row in rows if (claimed := codes.claim(row.code)) is not None}
    return [
        codes.is_nearest_undone(text, issued) if codes.claim(text) is not None else codes.looks_mistyped(text)
        for text in texts
    ]


async def is_sealed_with(dsn: str, secret_keys: Sequence[str]) -> bool:
    """Whether one of the keys opens the sealed values of this database; True when it has none. Needs no pool."""
    connection = await asyncpg.connect(dsn, timeout=db.CONNECT_TIMEOUT)
    try:
        if await connection.fetchval("SELECT to_regclass('badge_key')") is None:
            return True
        sealed = await connection.fetchval("SELECT private_key_sealed FROM badge_key ORDER BY number DESC LIMIT 1")
    finally:
        await connection.close()
    with Services().entered():
        crypto.configure(*secret_keys)
        try:
            return not sealed or bool(crypto.decrypt(sealed, PURPOSE))
        except ValueError:
            return False


async def badge_code_of(registration_id: int) -> str | None:
    """The QR text of a registration's badge; None without a valid badge."""
    sql = "SELECT code FROM badge WHERE registration = :id AND revoked_at IS NULL AND until IS NULL"
    return await fetch_value_or_none(str, sql, id=registration_id)


async def badge_details(registration_ids: list[int]) -> dict[int, dict[str, Any]]:
    """`badge_code` of each registration, for its JSON."""
    rows = await db.fetch(  # raw driver rows: this runs in every registration
        "SELECT registration, code FROM badge WHERE registration = ANY($1::bigint[]) AND revoked_at IS NULL AND until IS NULL",
        registration_ids,
    )
    codes = {row["registration"]: row["code"] for row in rows}
    return {key: {"badge_code": codes.get(key)} for key in registration_ids}


async def badge_for(actor: Actor, number: str) -> tuple[RegistrationRow, LiveBadge | None]:
    """(registration, its valid badge, if any) by number, as far as the actor may print it. Raises NotFound.

    An account whose address is not proved sees no badge: the registration may be another person's.
    """
    registration = await registration_by_number(actor, number, to_print=True)
    if not actor.sees_everything and not (actor.proved and not actor.reviews):
        return registration, None
    badge = await fetch_one_as(
        LiveBadge,
        "SELECT id, uid, code, issued_at FROM badge WHERE registration = :id AND revoked_at IS NULL AND until IS NULL",
        id=registration.id,
    )
    return registration, badge


async def printed_badge(badge_id: int) -> PrintedBadge:
    """The printed data of a badge, valid or not. Raises NotFound."""
    row = await fetch_one_as(
        PrintedBadge,
        "SELECT b.id, r.id AS registration, r.event, b.code, b.revoked_at, r.number, r.name_passport, r.name_native, r.badge_name, r.category, r.organisation_name,"  # noqa: S608 - constants of the code; values are named arguments
        f" r.lang, e.title_zh, e.title_en, {PLACE}, e.timezone, e.starts_at, e.ends_at, '' AS answers FROM badge b"
        " JOIN registration r ON r.id = b.registration JOIN event e ON e.id = r.event WHERE b.id = :id",
        id=badge_id,
    )
    if row is None:
        raise NotFound
    answers = await on_badges.texts_of({row.registration: row.lang})
    return replace(row, answers=answers.get(row.registration, ""))


async def fair_of_code(code: str) -> FairOfBadge | None:
    """The fair of a genuine badge, no other data: for a visitor's own phone. None when the code is not ours."""
    try:
        token = tokens.verify(code, await public_keys())
    except tokens.BadToken:
        return None
    return await fetch_one_as(
        FairOfBadge,
        f"SELECT e.slug, e.title_zh, e.title_en, e.starts_at, e.ends_at, e.timezone, {PLACE} FROM event e"  # noqa: S608 - constants of the code; values are named arguments
        " WHERE e.id = :id AND e.state <> 'draft'",
        id=token.event,
    )


async def export_codes(slug: str) -> AsyncIterator[dict[str, Any]]:
    """{"registration", "code"} of every valid badge of an event, in order. Raises NotFound."""
    event = await fetch_value_or_none(int, "SELECT id FROM event WHERE slug = :slug", slug=slug)
    if event is None:
        raise NotFound
    last = 0
    while True:
        rows = await fetch_as(
            ExportedBadge,
            "SELECT b.id, b.code, r.number FROM badge b JOIN registration r ON r.id = b.registration"
            " WHERE r.event = :event AND b.revoked_at IS NULL AND b.until IS NULL AND r.state = 'confirmed' AND b.id > :last"
            " ORDER BY b.id LIMIT :size",
            event=event,
            last=last,
            size=EXPORT_BATCH,
        )
        for row in rows:
            yield {"registration": row.number, "code": row.code}
        if len(rows) < EXPORT_BATCH:
            return
        last = rows[-1].id
