"""Proof of work: a puzzle that costs a browser a moment, and ten thousand attempts hours.

A challenge is signed text `bits|issued|nonce`. Its answer is `challenge~number` whose SHA-256 begins with that many
zero bits (hashcash, https://en.wikipedia.org/wiki/Hashcash). It is valid for ten minutes and one attempt.
`static/js/proof.js` finds it.
"""

import hashlib
import secrets
from datetime import timedelta

from fairs.core import clock, crypto
from fairs.core.rows import execute

LIFE = 600  # seconds
SLACK = 2  # bits that may have been added since the challenge was issued
_PURPOSE = "proof of work"


def challenge(bits: int) -> str:
    """A new challenge."""
    return crypto.sign(f"{bits}|{int(clock.now().timestamp())}|{secrets.token_hex(8)}", _PURPOSE)


def bits_of(given: str) -> int:
    """Bits that a challenge requires; 0 when its signature is not ours."""
    text = crypto.unsign(given, _PURPOSE)
    return int(text.split("|")[0]) if text else 0


def solves(proof: str, bits: int) -> bool:
    """Whether the hash of the whole answer begins with `bits` zero bits."""
    return int.from_bytes(hashlib.sha256(proof.encode()).digest()) >> (256 - bits) == 0


async def accept(proof: str, bits: int) -> bool:
    """Whether this solves a challenge of ours with at least `bits - SLACK` bits, in time and for the first time."""
    given, mark, number = proof.partition("~")
    if not mark or len(proof) > 300 or not proof.isascii() or not number.isdigit():
        return False
    text = crypto.unsign(given, _PURPOSE)
    if text is None:
        return False
    asked, issued, nonce = text.split("|")
    now = clock.now()
    age = now.timestamp() - int(issued)
    if not -5 <= age <= LIFE or int(asked) < bits - SLACK or not solves(proof, int(asked)):
        return False
    return bool(
        await execute(
            "INSERT INTO rate_limit (key, hits, ends_at) VALUES (:key, 1, :ends_at) ON CONFLICT DO NOTHING",
            key=f"proof:{nonce}",
            ends_at=now + timedelta(seconds=2 * LIFE),
        )
    )
