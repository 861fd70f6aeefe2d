"""Converts rows to the engine's records, and stored bytes to vectors. No database access.

A vector belongs to the exact text it was made of: a row with another hash or model counts as not read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Generic, TypeVar

import numpy as np

from fairs.listings.tables import ListingKind
from fairs.matching.engine import skills
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.rows import ListingRow, ListingText, ProfileRow, ProfileText, StoredVector
from fairs.matching.text.encoder import DIMENSIONS, Vectors
from fairs.units import catalogues

Record = TypeVar("Record", ProfileRecord, ListingRecord)
CNY = 10_000  # rows store pay in 10,000 CNY a year, the engine reads CNY a year


def profile_record(row: ProfileText) -> ProfileRecord:
    """A person. Headline, summary and skills are one text, in the language of the summary."""
    text = "\n".join(part for part in (row.headline, row.summary, ", ".join(row.skills)) if part.strip())
    chinese = row.summary_lang == "zh"
    return ProfileRecord(
        id=str(row.id),
        text_zh=text if chinese else "",
        text_en="" if chinese else text,
        disciplines=(row.discipline,) if row.discipline else (),
        skills=skills.declared(row.skills),
        degree=row.degree or None,
        languages=frozenset(row.languages),
        engagements=frozenset(row.engagement),
        cities=frozenset(row.cities),
        available_from=row.available_from,
        pay_min=row.pay_min * CNY if row.pay_min else None,
        needs_permit=_needs_permit(row.nationality),
    )


def _needs_permit(nationality: str) -> bool | None:
    """Whether the law requires a work permit: for foreigners. None where the nationality is unknown."""
    country = next((item for item in catalogues.countries() if item.alpha2 == nationality), None)
    return None if country is None else country.is_foreign


def listing_record(row: ListingText) -> ListingRecord:
    """A post or project with its employer's industry; `start_by` is the last day on which a person may begin.

    A project's row has its total budget in the column where a post has pay per year: its pay is not read.
    """
    is_project = row.kind == ListingKind.PROJECT
    return ListingRecord(
        id=str(row.id),
        title_zh=row.title_zh,
        title_en=row.title_en,
        text_zh=row.description_zh,
        text_en=row.description_en,
        disciplines=(row.discipline,) if row.discipline else (),
        industries=(row.industry,) if row.industry else (),
        degree_min=row.degree or None,
        languages=frozenset(row.languages),
        engagements=frozenset(row.engagement),
        city=row.city or None,
        ends=row.start_by,
        is_project=is_project,
        pay_min=row.pay_min * CNY if row.pay_min and not is_project else None,
        pay_max=row.pay_max * CNY if row.pay_max and not is_project else None,
        sponsors_permit=row.sponsors_permit,
    )


def texts_by_lang(record: Record) -> dict[str, str]:
    """The texts of a record to encode: language → text, only non-empty ones."""
    found = {"zh": _only(record, "zh").texts, "en": _only(record, "en").texts}
    return {lang: texts[0] for lang, texts in found.items() if texts}


def texts_of(row: ProfileRow | ListingRow) -> dict[str, str]:
    """As `texts_by_lang`, of a person's or a listing's row."""
    return texts_by_lang(profile_record(row)) if isinstance(row, ProfileRow) else texts_by_lang(listing_record(row))


def _only(record: Record, lang: str) -> Record:
    """The record without its text in the other language."""
    if isinstance(record, ListingRecord):
        return replace(record, title_en="", text_en="") if lang == "zh" else replace(record, title_zh="", text_zh="")
    return replace(record, text_en="") if lang == "zh" else replace(record, text_zh="")


def text_hash(text: str) -> bytes:
    """Identifies the text of a stored vector."""
    return sha256(text.encode()).digest()


def stored_bytes(vector: Vectors) -> bytes:
    """512 float16, little-endian."""
    return vector.astype("<f2").tobytes()


@dataclass(frozen=True)
class Read(Generic[Record]):
    """A record, reduced to what the engine may use now, and the vectors of its texts."""

    whole: Record
    usable: Record
    vectors: dict[str, Vectors]

    @property
    def complete(self) -> bool:
        """Every text has its vector. False: some are still being read."""
        return self.usable is self.whole


def read(record: Record, stored: Sequence[StoredVector]) -> Read[Record]:
    """The record with those stored vectors, of the current model, that match its texts."""
    texts = texts_by_lang(record)
    vectors: dict[str, Vectors] = {}
    for row in stored:
        text = texts.get(row.lang)
        if text is not None and row.text_hash == text_hash(text) and len(row.vector) == 2 * DIMENSIONS:
            vectors[text] = np.frombuffer(row.vector, dtype="<f2").astype(np.float16)
    if len(vectors) == len(set(texts.values())):
        return Read(record, record, vectors)
    usable = record
    for lang, text in texts.items():
        if text not in vectors:
            usable = _only(usable, "en" if lang == "zh" else "zh")
    return Read(record, usable, vectors)


def read_row(row: ProfileRow | ListingRow, stored: Sequence[StoredVector]) -> Read[ProfileRecord] | Read[ListingRecord]:
    """As `read`, of a person's or a listing's row."""
    return read(profile_record(row), stored) if isinstance(row, ProfileRow) else read(listing_record(row), stored)
