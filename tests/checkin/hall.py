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

from fairs.accounts.actor import Device
from fairs.badges import tokens
from tests import factories
from tests.fair import scanner

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
        await factories.badge(registration, self.key_id, uid, code, revoked_at=NINE if revoked else None)
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
    key_id = await factories.badge_key(number, key.public_key().public_bytes_raw())
    token, device = await scanner(event_id)
    return Hall(event_id, gate, token, device, key, key_id, number)


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
