"""A fair with a gate, badges and a scanner."""

import json
import os
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fairs.accounts.actor import SYSTEM, Device
from fairs.accounts.queries import device_by_token
from fairs.accounts.services import issue_token
from fairs.badges import tokens
from fairs.core import db
from tests import factories

NINE = datetime(2018, 10, 27, 1, 0, tzinfo=UTC)  # 09:00 in Zhengzhou
_numbers = count(1)


@dataclass
class Hall:
    """`badge()` makes a confirmed person with a signed code."""

    event: int
    gate: int
    token: str
    device: Device
    key: Ed25519PrivateKey
    key_id: int
    number: int
    people: dict[str, int] = field(default_factory=dict)

    async def badge(self, *, event: int | None = None, revoked: bool = False, **person: Any) -> str:
        """A person's code."""
        registration = await factories.registration(event or self.event, **person)
        uid, code = sign(self.key, self.number, event or self.event)
        await db.execute(
            "INSERT INTO badge (uid, registration, key, code, issued_at, revoked_at, revoked_reason)"
            " VALUES ($1, $2, $3, $4, now(), $5, '')",
            uid,
            registration,
            self.key_id,
            code,
            NINE if revoked else None,
        )
        self.people[code] = registration
        return code


def sign(key: Ed25519PrivateKey, number: int, event: int) -> tuple[bytes, str]:
    """uid and code of a new badge."""
    uid = os.urandom(tokens.UID)
    return uid, tokens.encode(tokens.Token(event, uid, NINE + timedelta(days=3), number), key)


async def open_hall(**event: Any) -> Hall:
    """A published event with the gate `main-in` and a scanner of its own."""
    event_id = await factories.event(**event)
    gate = await factories.gate(event_id)
    key = Ed25519PrivateKey.generate()
    number = next(_numbers) % 200
    key_id = await db.fetchval(
        "INSERT INTO badge_key (number, public_key, private_key_sealed, created_at) VALUES ($1, $2, $3, now())"
        " RETURNING id",
        number,
        key.public_key().public_bytes_raw(),
        b"",
    )
    token, device = await scanner(event_id)
    return Hall(event_id, gate, token, device, key, key_id, number)


async def scanner(event_id: int, name: str = "east gate") -> tuple[str, Device]:
    """A scanner's token and identity."""
    token = await issue_token("device", name, by=SYSTEM, event_id=event_id)
    device = await device_by_token(token)
    assert device is not None
    return token, device


def scan(code: str, **given: Any) -> dict[str, Any]:
    """A scan as a device sends it."""
    moment = given.pop("at", NINE)
    values = {
        "id": str(uuid.uuid4()),
        "gate": "main-in",
        "code": code,
        "scanned_at": moment.isoformat(),
        "direction": "in",
        "offline": False,
    }
    return values | given


async def send(client: httpx.AsyncClient, token: str, *scans: Any) -> list[dict[str, Any]]:
    """The results of a call."""
    answer = await client.post(
        "/api/v1/checkin/scans",
        content=json.dumps({"scans": scans}),  # plain ASCII: lone surrogates travel as escapes
        headers={"authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def outcomes(results: list[dict[str, Any]]) -> list[str]:
    """`admitted`, `already`, or the reason of the refusal."""
    return [result["reason"] or result["outcome"] for result in results]
