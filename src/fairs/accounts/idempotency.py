"""Idempotency-Key: a call sent again because its answer was lost has one effect and one answer.

One transaction claims the key, writes the effect and stores the answer: a second call with the same key waits for
the first and then reads its answer. A refusal has no effect, so it is not stored: a repeated call is judged again.
Calls that share a transaction claim their keys together, before taking any other lock.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec
from litestar import Request, Response

from fairs.accounts.rows import StoredAnswerRow
from fairs.accounts.sealed import ANSWER
from fairs.core import clock, crypto, db
from fairs.core.errors import Invalid
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_one_as

HEADER = "idempotency-key"
MAX_KEY = 200  # characters
Act = Callable[[], Awaitable[tuple[int, Any]]]  # returns (status, value to encode as JSON)


@dataclass(frozen=True, slots=True)
class Once:
    """A call with one effect: the key of a token, and the digest of the request."""

    token_id: int
    key: str
    digest: bytes

    def __post_init__(self) -> None:
        if not 0 < len(self.key) <= MAX_KEY or not self.key.isprintable():
            raise Invalid(N_("Idempotency-Key has 1 to %(limit)s printable characters", limit=MAX_KEY))


@dataclass(frozen=True, slots=True)
class Answer:
    """The stored answer of a claimed call. `claim`: as returned by `claim`."""

    claim: int
    status: int
    text: bytes


async def claim(calls: Sequence[Once | None]) -> list[int | None]:
    """The claim of each call, in the open transaction; None where it has no key or the key is taken.

    Waits while another transaction locks one of the keys. Keys are locked in order, so that two callers of many keys
    cannot deadlock.
    """
    asked = sorted({(call.token_id, call.key): call for call in reversed(calls) if call}.items())
    if not asked:
        return [None] * len(calls)
    rows = await db.fetch(  # raw driver rows: this runs in every scan
        "INSERT INTO stored_answer (token, key, body_hash, status, body, created_at)"
        " SELECT n.token, n.key, n.digest, 0, 'null', $4"
        " FROM unnest($1::bigint[], $2::text[], $3::bytea[]) WITH ORDINALITY AS n (token, key, digest, place) ORDER BY place"
        " ON CONFLICT (token, key) DO NOTHING RETURNING id, token, key",
        [call.token_id for _, call in asked],
        [call.key for _, call in asked],
        [call.digest for _, call in asked],
        clock.now(),
    )
    claimed = {(row["token"], row["key"]): int(row["id"]) for row in rows}
    return [claimed.pop((call.token_id, call.key), None) if call else None for call in calls]


async def keep(answers: Sequence[Answer]) -> None:
    """Store the answers of claimed calls, in the transaction that claimed them."""
    if answers:
        await execute(
            "UPDATE stored_answer a SET status = n.status, body = to_jsonb(n.body)"
            " FROM unnest(:claims::bigint[], :statuses::int[], :texts::text[]) AS n (id, status, body) WHERE a.id = n.id",
            claims=[answer.claim for answer in answers],
            statuses=[answer.status for answer in answers],
            # a JSON string, so that it is read back byte by byte
            texts=[crypto.seal_text(answer.text.decode(), ANSWER) for answer in answers],
        )


async def give_back(claims: Sequence[int]) -> None:
    """Release the claims of refused calls: their keys are free again."""
    if claims:
        await execute("DELETE FROM stored_answer WHERE id = ANY(:claims::bigint[])", claims=list(claims))


async def stored(call: Once) -> tuple[int, bytes] | None:
    """(status, JSON) of an earlier call; None when there was none. Raises Invalid when its body differs."""
    row = await fetch_one_as(
        StoredAnswerRow,
        "SELECT body_hash, status, body #>> '{}' AS text FROM stored_answer WHERE token = :token AND key = :key",
        token=call.token_id,
        key=call.key,
    )
    if row is None:
        return None
    if row.body_hash != call.digest:
        raise Invalid(N_("This Idempotency-Key was used with another body"))
    return row.status, crypto.open_text(row.text, ANSWER).encode()


async def remember(call: Once | None, act: Act) -> tuple[int, bytes]:
    """(status, JSON) of `act`, or the answer to an earlier call of this token with the same key and body.

    `act` runs inside the transaction, so its services must join it. Without a key it simply runs. Raises Invalid when
    the key was used with another body.
    """
    if call is None:
        status, answer = await act()
        return status, msgspec.json.encode(answer)
    async with db.DB.transaction():
        while True:
            [claimed] = await claim([call])
            if claimed is not None:
                break
            if (found := await stored(call)) is not None:
                return found
        status, answer = await act()
        text = msgspec.json.encode(answer)
        await keep([Answer(claimed, status, text)])
    return status, text


async def once_of(request: Request[Any, Any, Any], token_id: int) -> Once | None:
    """The key of a request, valid for one address; None without one. Raises Invalid when it is malformed."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    body = request.method.encode() + b" " + request.scope["path"].encode() + b"\n" + await request.body()
    return Once(token_id, key, sha256(body).digest())


def answered(status: int, text: bytes) -> Response[bytes]:
    """A response with JSON that is already encoded."""
    return Response(text, status_code=status, media_type="application/json")


async def answer_once(request: Request[Any, Any, Any], token_id: int, act: Act) -> Response[bytes]:
    """The JSON response of `act` for this request, honouring its Idempotency-Key."""
    return answered(*await remember(await once_of(request, token_id), act))
