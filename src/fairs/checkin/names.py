"""People of a gate whom its scanners find by name without a network, where the gate's form allows that.

Sealed with a key made from the scanner's own token, of which the server keeps the hash only: another phone, or the same one after
its token is forgotten, reads nothing from it. `static/js/name-search.js` looks people up as `registrations/finding.py` does.
"""

import asyncio
import base64
import os
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fairs.accounts.actor import Device
from fairs.audit.services import record
from fairs.checkin import queries
from fairs.checkin.rows import GateState, NamedPerson
from fairs.checkin.snapshot import NONCE
from fairs.core.errors import NotFound
from fairs.core.rows import fetch_as, fetch_value
from fairs.core.search_keys import LONGEST, letters, other_keys

INFO = b"fairs/names/1"
PAGE = 1000  # people
_HERE = (
    "r.state = 'confirmed' AND (cardinality(:categories::text[]) = 0 OR r.category = ANY(:categories::text[]))"
    " AND (:session::bigint IS NULL OR EXISTS (SELECT 1 FROM registration_session x WHERE x.registration = r.id"
    " AND x.session = :session))"
)
_PEOPLE = f"""
SELECT r.id, r.number, r.name_passport, r.name_native, r.category, coalesce(nullif(r.organisation_name, ''), o.name_zh, '') AS organisation,
    r.search_key, b.uid, ({_HERE}) AS here
FROM registration r LEFT JOIN organisation o ON o.id = r.organisation
LEFT JOIN LATERAL (
    SELECT g.uid, g.issued_at, g.revoked_at FROM badge g WHERE g.registration = r.id ORDER BY g.revoked_at IS NOT NULL, g.id DESC LIMIT 1
) b ON true
WHERE r.event = :event AND r.id > :after AND CASE WHEN :since::timestamptz IS NULL THEN {_HERE}
    ELSE r.updated_at > :since OR b.issued_at > :since OR b.revoked_at > :since END
ORDER BY r.id LIMIT :limit
"""  # noqa: S608 - constants of this file
_COUNT = f"SELECT count(*) FROM registration r WHERE r.event = :event AND {_HERE}"  # noqa: S608 - a constant of this file


def key_of(token: str) -> bytes:
    """The key of a scanner's names, from its token."""
    return HKDF(SHA256(), 32, salt=None, info=INFO).derive(token.encode())


async def page_of(
    device: Device, token: str, code: str, *, after: int, since: datetime | None
) -> tuple[int | None, dict[str, Any]]:
    """The last person of a full page, and the page: sealed people, how many the gate has and which (`of`), the first time what letters are the same.

    Raises NotFound at a gate that gives no names to its scanners.
    """
    gate = await queries.gate_of(device, code)
    if not gate.offline_names:
        raise NotFound
    chosen = {"categories": gate.categories, "session": gate.session_id if gate.sign_up else None}
    rows = await fetch_as(NamedPerson, _PEOPLE, event=device.event_id, after=after, since=since, limit=PAGE, **chosen)
    people = await fetch_value(int, _COUNT, event=device.event_id, **chosen)
    whose = "|".join((*gate.categories, str(chosen["session"] or "")))
    told: dict[str, Any] = {
        "people": people,
        "of": whose,
        "sealed": await asyncio.to_thread(_sealed, rows, token, gate),
    }
    if since is None and after == 0:
        told["letters"] = letters()
        await record("gate.names", "gate", gate.id, by=device, after={"gate": gate.code, "people": people})
    return rows[-1].id if len(rows) == PAGE else None, told


@lru_cache(maxsize=4096)
def _organisation(name: str) -> str:
    return "|".join(key[:LONGEST] for key in other_keys(name))


def _person(row: NamedPerson, place: int) -> list[Any]:
    """As `scanner-names.js` reads it: keys of the name as they are stored, `|` between them."""
    lines = [*row.search_key.split("\n"), "", "", ""]
    uid = row.uid.hex() if row.uid else ""
    return [row.id, row.number, row.name_passport, row.name_native, row.category, place, uid, lines[1], lines[2]]


def _sealed(rows: Sequence[NamedPerson], token: str, gate: GateState) -> str:
    """Nonce and box as base64, bound to the gate. An organisation is named once."""
    here = [row for row in rows if row.here]
    places = {name: at for at, name in enumerate(dict.fromkeys(row.organisation for row in here))}
    plain = {
        "organisations": [[name, _organisation(name) if name else ""] for name in places],
        "people": [_person(row, places[row.organisation]) for row in here],
        "gone": [row.id for row in rows if not row.here],
    }
    nonce = os.urandom(NONCE)
    box = AESGCM(key_of(token)).encrypt(nonce, msgspec.json.encode(plain), gate.code.encode())
    return base64.b64encode(nonce + box).decode("ascii")
