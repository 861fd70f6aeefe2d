"""Idempotency-Key: a call that is sent again, because its answer was lost, has one effect and one answer.

The key is claimed, the effect is written and the answer is stored in one transaction: a second call with the same key
waits for the first and then reads its answer. A refusal has no effect, so it is not stored: sent again, the call is
judged again.
"""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

import msgspec
from litestar import Request, Response

from fairs.accounts.sealed import ANSWER
from fairs.core import clock, crypto, db
from fairs.core.errors import Invalid
from fairs.core.i18n import N_

HEADER = "idempotency-key"
MAX_KEY = 200  # characters
Act = Callable[[], Awaitable[tuple[int, Any]]]  # answers (status, what becomes JSON)


async def remember(token_id: int, key: str | None, body: bytes, act: Act) -> tuple[int, bytes]:
    """(status, JSON) of `act`, or what an earlier call of this token with the same key and body answered.

    `act` runs inside the transaction, so its services must join it. Without a key it simply runs. Raises Invalid when
    the key was used with another body.
    """
    if key is None:
        status, answer = await act()
        return status, msgspec.json.encode(answer)
    if not 0 < len(key) <= MAX_KEY or not key.isprintable():
        raise Invalid(N_("Idempotency-Key has 1 to %(limit)s printable characters", limit=MAX_KEY))
    digest = sha256(body).digest()
    async with db.DB.transaction():
        claimed = await _claim(token_id, key, digest)
        if claimed is None:
            return await _stored(token_id, key, digest)
        status, answer = await act()
        text = msgspec.json.encode(answer)
        await db.execute(
            "UPDATE stored_answer SET status = $2, body = to_jsonb($3::text) WHERE id = $1",
            claimed,
            status,
            crypto.seal_text(text.decode(), ANSWER),  # as a JSON text, so that it comes back byte by byte
        )
    return status, text


async def _claim(token_id: int, key: str, digest: bytes) -> int | None:
    """The new row's id; None when the key is taken. Waits while another transaction holds it."""
    claimed: int | None = await db.fetchval(
        "INSERT INTO stored_answer (token, key, body_hash, status, body, created_at) VALUES ($1, $2, $3, 0, 'null', $4)"
        " ON CONFLICT (token, key) DO NOTHING RETURNING id",
        token_id,
        key,
        digest,
        clock.now(),
    )
    return claimed


async def _stored(token_id: int, key: str, digest: bytes) -> tuple[int, bytes]:
    row = await db.fetchrow(
        "SELECT body_hash, status, body #>> '{}' AS text FROM stored_answer WHERE token = $1 AND key = $2",
        token_id,
        key,
    )
    if row is None or row["body_hash"] != digest:
        raise Invalid(N_("This Idempotency-Key was used with another body"))
    return row["status"], crypto.open_text(row["text"], ANSWER).encode()


async def answer_once(request: Request[Any, Any, Any], token_id: int, act: Act) -> Response[bytes]:
    """The JSON response of `act` for this request, honouring its Idempotency-Key. The key belongs to one address."""
    body = request.method.encode() + b" " + request.scope["path"].encode() + b"\n" + await request.body()
    status, text = await remember(token_id, request.headers.get(HEADER), body, act)
    return Response(text, status_code=status, media_type="application/json")
