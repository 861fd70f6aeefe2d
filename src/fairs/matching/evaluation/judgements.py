"""A judged set in the product's own record format: read it, corrupt its declarations, and measure a ranking by nDCG@10.

A folder has profiles.jsonl and listings.jsonl, whose lines have the columns that `inputs.py` reads, and judgements.jsonl:
one {"profile", "grades": {listing: 1 to 3}} per line; listings not named have grade 0.
"""

import json
import math
import random
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_type_hints

from fairs.matching import inputs
from fairs.matching.engine import rank
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.files import BadInput
from fairs.matching.rows import ListingText, ProfileText
from fairs.matching.settings import DEFAULT, Settings
from fairs.matching.text.text_pool import VectorsByText

Row = dict[str, Any]
Grades = Mapping[str, Mapping[str, int]]
PARTS = ("profiles", "listings", "judgements")
GRADES = (1, 2, 3)
DEPTH = 10
DATES = ("available_from", "start_by")
YES_OR_NO: Row = {  # columns of one word of two, and what they are where a line leaves them out
    name: {bool: False, bool | None: None}[kind]
    for row in (ProfileText, ListingText)
    for name, kind in get_type_hints(row).items()
    if kind in (bool, bool | None)
}
UNSAID: Row = {"kind": "people", **YES_OR_NO}  # fields that a line may omit
DECLARED = (
    "discipline", "skills", "degree", "languages", "engagement", "cities", "city", "industry", "available_from", "start_by",
    "pay_min", "pay_max",
)  # fmt: skip
"""Declared fields beside the texts: `spoiled` removes or changes them."""


@dataclass(frozen=True)
class JudgedSet:
    """Rows of both sides, and the grades of each person's listings."""

    profiles: Sequence[Row]
    listings: Sequence[Row]
    grades: Grades

    @property
    def people(self) -> list[ProfileRecord]:
        """Converted to engine records."""
        return [_person(row) for row in self.profiles]

    @property
    def offers(self) -> list[ListingRecord]:
        """Converted to engine records."""
        return [_offer(row) for row in self.listings]

    @property
    def back(self) -> dict[str, dict[str, int]]:
        """The same grades by listing."""
        turned: dict[str, dict[str, int]] = {}
        for person, told in self.grades.items():
            for listing, grade in told.items():
                turned.setdefault(listing, {})[person] = grade
        return turned


def _person(row: Row) -> ProfileRecord:
    """Raises KeyError for the first column that is missing."""
    return inputs.profile_record(ProfileText(**{name: row[name] for name in ProfileText.__struct_fields__}))


def _offer(row: Row) -> ListingRecord:
    """As `_person`."""
    return inputs.listing_record(ListingText(**{name: row[name] for name in ListingText.__struct_fields__}))


def read(folder: Path) -> JudgedSet:
    """The set of a folder. Raises BadInput, with file and line, for unreadable or inconsistent data."""
    if not folder.is_dir():
        raise BadInput(f"{folder}: there is no such folder")
    people = _side(folder / "profiles.jsonl", _person)
    offers = _side(folder / "listings.jsonl", _offer)
    asked, known = {row["id"] for row in people}, {row["id"] for row in offers}
    grades: dict[str, dict[str, int]] = {}
    for where, row in _rows(folder / "judgements.jsonl"):
        told = row.get("grades")
        if not isinstance(row.get("profile"), str) or row["profile"] not in asked:
            raise BadInput(f"{where}: 'profile' is not one of profiles.jsonl")
        if not isinstance(told, dict) or not all(name in known and grade in GRADES for name, grade in told.items()):
            raise BadInput(f"{where}: 'grades' must give listings of listings.jsonl a grade of 1 to 3")
        grades[row["profile"]] = told
    return JudgedSet(people, offers, grades)


def _side(path: Path, reads: Callable[[Row], object]) -> list[Row]:
    found: dict[str, Row] = {}
    for where, row in _rows(path):
        whole = _known(where, row, reads)
        if whole["id"] in found:
            raise BadInput(f"{where}: id {whole['id']!r} is used before")
        found[whole["id"]] = whole
    return list(found.values())


def _rows(path: Path) -> Iterator[tuple[str, Row]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: {getattr(error, 'strerror', None) or 'is not UTF-8'}") from None
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if not isinstance(row, dict):
                raise BadInput(f"{path.name}, line {number}: the line is not a JSON object")
            yield f"{path.name}, line {number}", row


def _known(where: str, row: Row, reads: Callable[[Row], object]) -> Row:
    wrong = next((name for name, value in row.items() if not _is_fit(name, value)), None)
    if wrong is not None:
        raise BadInput(f"{where}: {wrong!r} has the wrong form")
    try:
        whole = UNSAID | row | {name: date.fromisoformat(row[name]) for name in DATES if row.get(name)}
        reads(whole)
    except KeyError as error:
        raise BadInput(f"{where}: {error} is missing") from None
    except ValueError:
        raise BadInput(f"{where}: a date has the wrong form") from None
    return whole


def _is_fit(name: str, value: object) -> bool:
    """Pay is a number or null, a multiple field a list of texts, a date a text or null, what is yes or no true, false or,
    where nobody need say it, null, everything else a text."""
    if name in YES_OR_NO:
        return isinstance(value, bool) or value is YES_OR_NO[name]
    if name in ("pay_min", "pay_max"):
        return value is None or (type(value) is int and value >= 0)
    if name in ("skills", "languages", "engagement", "cities"):
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, str) or (name in DATES and value is None)


def ndcg(ranked: Sequence[str], grades: Mapping[str, int]) -> float:
    """At ten, with the gain 2^grade - 1: one perfect listing is worth more than two nearly perfect ones."""
    gain: float = sum((2 ** grades.get(one, 0) - 1) / math.log2(place + 2) for place, one in enumerate(ranked[:DEPTH]))
    best = sorted(grades.values(), reverse=True)[:DEPTH]
    most: float = sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(best))
    return gain / most


def mean_ndcg(runs: Mapping[str, Sequence[str]], grades: Grades) -> float:
    """Mean over the queries that have a relevant target."""
    return statistics.fmean(ndcg(runs[query], told) for query, told in grades.items() if told)


def spoiled(judged: JudgedSet, share: float, seed: int, names: Sequence[str] = DECLARED) -> JudgedSet:
    """The set with this share of the declarations, of both sides, removed (every second) or taken from another record."""
    chance = random.Random(seed)

    def spoil(rows: Sequence[Row]) -> list[Row]:
        return [
            row | {name: _wrong(row, name, rows, chance) for name in names if name in row and chance.random() < share}
            for row in rows
        ]

    return JudgedSet(spoil(judged.profiles), spoil(judged.listings), judged.grades)


def _wrong(row: Row, name: str, rows: Sequence[Row], chance: random.Random) -> Any:
    others = [other[name] for other in rows if other[name] and other[name] != row[name]]
    if others and chance.random() < 0.5:
        return chance.choice(others)
    return [] if isinstance(row[name], list) else "" if isinstance(row[name], str) else None


def runs(
    judged: JudgedSet, vectors: VectorsByText, settings: Settings = DEFAULT
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The best ten listings of each person, and the best ten people of each listing."""
    people, offers = judged.people, judged.offers
    offered = rank.prepare(offers, vectors, people, settings)
    asking = rank.prepare(people, vectors, offers, settings)
    return (
        {
            one.id: [m.listing_id for m in rank.rank_listings(one, offered, vectors, top=DEPTH, settings=settings)]
            for one in people
        },
        {
            one.id: [m.profile_id for m in rank.rank_profiles(one, asking, vectors, top=DEPTH, settings=settings)]
            for one in offers
        },
    )


def quality(judged: JudgedSet, vectors: VectorsByText, settings: Settings = DEFAULT) -> tuple[float, float]:
    """nDCG@10 of the listings for people, and of the people for listings."""
    forward, reverse = runs(judged, vectors, settings)
    return mean_ndcg(forward, judged.grades), mean_ndcg(reverse, judged.back)
