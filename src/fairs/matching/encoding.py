"""Encodes texts to vectors: one record per job, or all missing ones at once.

The encoder computes for long, so it never runs on the event loop: single records use one worker thread of the
process, many at once use worker processes. A text that was encoded before is skipped, so a job may run twice.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from fairs.core import clock, db, jobs, processes
from fairs.core.rows import execute
from fairs.matching import inputs, queries
from fairs.matching.retrieval import indexing
from fairs.matching.tables import OwnerKind
from fairs.matching.text.encoder import Vectors, encode, model_version

ENCODE_TALENT = "matching.encode_talent"
ENCODE_LISTING = "matching.encode_listing"
KINDS: dict[OwnerKind, str] = {OwnerKind.TALENT: ENCODE_TALENT, OwnerKind.LISTING: ENCODE_LISTING}
_BATCH = 2_000  # texts encoded and written together
_encoder = processes.one_thread("encoder")
Progress = Callable[[int, int], None]
_UPSERT = (
    "INSERT INTO text_vector (owner_kind, owner_id, lang, model, text_hash, vector, updated_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (owner_kind, owner_id, lang) DO UPDATE"
    " SET model = EXCLUDED.model, text_hash = EXCLUDED.text_hash, vector = EXCLUDED.vector,"
    " updated_at = EXCLUDED.updated_at"
)


async def computed(work: Callable[..., Any], *args: Any) -> Any:
    """The result of a computation in the encoder's thread."""
    return await asyncio.get_running_loop().run_in_executor(_encoder(), work, *args)


async def waited(kind: OwnerKind, owner: int) -> float:
    """Seconds that a record has been waiting to be read."""
    return await jobs.waiting_for(KINDS[kind], {kind: owner})


async def enqueue_reading(kind: OwnerKind, ids: Sequence[int]) -> None:
    """Enqueue reading of records that should have been read by now; a waiting one is not enqueued again."""
    for owner in ids:
        await jobs.enqueue(KINDS[kind], {kind: owner}, key=f"{KINDS[kind]}:{owner}:again")


@jobs.job(ENCODE_TALENT)
async def encode_talent(payload: dict[str, Any]) -> None:
    """Read one profile."""
    await _encode_one(OwnerKind.TALENT, int(payload["talent"]))


@jobs.job(ENCODE_LISTING)
async def encode_listing(payload: dict[str, Any]) -> None:
    """Read one listing."""
    await _encode_one(OwnerKind.LISTING, int(payload["listing"]))


async def _texts_of(kind: OwnerKind, owner: int, *, lock: bool = False) -> dict[str, str]:
    """language → text; empty for a deleted record."""
    rows = await queries.texts(kind, [owner], lock=lock)
    return inputs.texts_of(rows[0]) if rows else {}


async def _encode_one(kind: OwnerKind, owner: int) -> None:
    model = model_version()
    texts = await _texts_of(kind, owner)
    stored = (await queries.vectors(kind, model, [owner])).get(owner, [])
    known = {row.text_hash for row in stored}
    missing = [text for text in texts.values() if inputs.text_hash(text) not in known]
    made: Vectors | list[Any] = await computed(encode, missing) if missing else []
    read = dict(zip(missing, made, strict=True))
    async with db.DB.transaction():
        present = await _texts_of(kind, owner, lock=True)  # a text changed meanwhile has a job of its own
        rows = [
            (kind, owner, lang, model, inputs.text_hash(text), inputs.stored_bytes(read[text]), clock.now())
            for lang, text in present.items()
            if text in read
        ]
        if rows:
            await db.executemany(_UPSERT, list(rows))
        await execute(
            "DELETE FROM text_vector WHERE owner_kind = :kind AND owner_id = :owner AND lang <> ALL(:langs::text[])",
            kind=kind,
            owner=owner,
            langs=list(present),
        )
    await indexing.refresh(kind, [owner])


async def encode_missing(progress: Progress | None = None) -> int:
    """Read every text of every profile and listing that has not been read; returns how many.

    For the demo and after a change of the encoder: all cores, some hundred texts a second. `progress(done, total)`.
    """
    todo = [item for kind in KINDS for item in await _missing(kind)]
    model = model_version()
    for start in range(0, len(todo), _BATCH):
        batch = todo[start : start + _BATCH]
        vectors: Vectors = await computed(encode, [text for *_, text in batch])
        now = clock.now()
        rows = [
            (kind, owner, lang, model, inputs.text_hash(text), inputs.stored_bytes(vector), now)
            for (kind, owner, lang, text), vector in zip(batch, vectors, strict=True)
        ]
        async with db.transaction_or_join():
            await db.executemany(_UPSERT, list(rows))
        for kind in KINDS:
            await indexing.refresh(kind, [owner for what, owner, *_ in batch if what == kind])
        if progress:
            progress(start + len(batch), len(todo))
    return len(todo)


async def _missing(kind: OwnerKind) -> list[tuple[OwnerKind, int, str, str]]:
    """(kind, owner, language, text) of unread texts."""
    stored = await queries.vectors(kind, model_version())
    found = []
    for row in await queries.texts(kind):
        known = {(held.lang, held.text_hash) for held in stored.get(row.id, [])}
        for lang, text in inputs.texts_of(row).items():
            if (lang, inputs.text_hash(text)) not in known:
                found.append((kind, row.id, lang, text))
    return found
