"""A pool: the records of one side, read once and ready to be compared any number of times.

A changed record is read and replaces the old one; the rest of the pool stays unchanged, and so does its space
(the centre of each language, the rarity of words), until so many have changed that it has to be fitted again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from fairs.matching.engine import disciplines
from fairs.matching.engine.columns import Columns
from fairs.matching.engine.disciplines import Relations
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.engine.skills import SkillIndex
from fairs.matching.settings import DEFAULT, Settings
from fairs.matching.text.encoder import Floats
from fairs.matching.text.text_pool import Space, TextPool, VectorsByText

Record = TypeVar("Record", ProfileRecord, ListingRecord)


@dataclass(frozen=True, slots=True)
class Pool(Generic[Record]):
    """Records ready to be ranked; valid as long as the records and the settings of the fair are unchanged.

    `beliefs` (records × codes): the disciplines that each record is believed to be about. `drift`: how many records were
    read, changed or removed since the space was fitted.
    """

    records: tuple[Record, ...]
    texts: TextPool
    beliefs: Floats
    skills: SkillIndex
    columns: Columns
    drift: int = 0


def prepare(
    records: Sequence[Record],
    vectors: VectorsByText,
    against: Sequence[ProfileRecord | ListingRecord] = (),
    settings: Settings = DEFAULT,
    space: Space | None = None,
) -> Pool[Record]:
    """A pool of one side. `against` are records of the other side, which improve the weights of words and languages.

    `space` is an existing one, when the records are few of many.
    """
    fitted = space or Space.fit([r.texts for r in (*records, *against)], vectors)
    texts = TextPool.build([r.texts for r in records], vectors, fitted)
    beliefs = believed(records, texts.odds * texts.has_text[:, None], settings)
    return Pool(tuple(records), texts, beliefs, SkillIndex.build(records), Columns.build(records))


def changed(
    pool: Pool[Record],
    records: Sequence[Record],
    removed: Collection[str],
    vectors: VectorsByText,
    settings: Settings = DEFAULT,
) -> Pool[Record]:
    """The pool with `records` added or replacing those with the same ids, and without `removed`. Reads `records` only."""
    gone = {record.id for record in records} | set(removed)
    stays = [row for row, record in enumerate(pool.records) if record.id not in gone]
    kept = np.array(stays, dtype=np.int64)
    texts = TextPool.build([r.texts for r in records], vectors, pool.texts.space)
    beliefs = believed(records, texts.odds * texts.has_text[:, None], settings)
    return Pool(
        tuple([pool.records[row] for row in stays] + list(records)),
        pool.texts.replaced(kept, texts),
        np.concatenate((pool.beliefs[kept], beliefs)),
        pool.skills.replaced(kept, SkillIndex.build(records)),
        pool.columns.replaced(kept, records),
        pool.drift + max(len(records), len(pool.records) - len(stays)),
    )


def relations(settings: Settings) -> Relations:
    """The value of every pair of disciplines under these settings."""
    return disciplines.relations(settings.declared.discipline)


def believed(records: Sequence[ProfileRecord | ListingRecord], odds: Floats, settings: Settings) -> Floats:
    """(records × codes): what each record is about; `odds` are its text's probabilities, zero without text."""
    return believed_of([record.disciplines for record in records], odds, settings)


def believed_of(declared: Sequence[Sequence[str]], odds: Floats, settings: Settings) -> Floats:
    """The same from the declared disciplines alone."""
    how = settings.declared
    return relations(settings).believed(declared, odds, how.trust, how.sharpness)
