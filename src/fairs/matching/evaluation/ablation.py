"""What each stage of the ranking adds: nDCG@10 with the stages added one by one, and with one of them removed.

A stage is removed by settings only; the ranking code is that of production. Scales are not fitted again for a variant.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fairs.matching.engine import field_similarity, rank, scoring
from fairs.matching.engine.rank import Match
from fairs.matching.evaluation import judgements
from fairs.matching.evaluation.datasets import Task
from fairs.matching.evaluation.judgements import DEPTH, Grades, JudgedSet
from fairs.matching.exposure import exposure
from fairs.matching.files import FileText
from fairs.matching.settings import DEFAULT, Settings
from fairs.matching.text import field_model
from fairs.matching.text.encoder import Floats, order_by_score
from fairs.matching.text.text_pool import Signals, Space, TextPool, VectorsByText

TEXT = ("vector", "lexical", "field")
DECLARED = ("declared", "skills", "structured", "gates")
STAGES = (*TEXT, *DECLARED)
_STRUCTURED = (*field_similarity.BY_VALUE, "pay")
Both = tuple[float, float]
Run = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One stage: quality once it is added to the previous ones, and without it alone; both directions. None: not computed."""

    stage: str
    added: Both | None
    taken_away: Both | None


def without(stages: Sequence[str], settings: Settings = DEFAULT) -> Settings:
    """The settings with these stages switched off."""
    found = replace(
        settings,
        vector_weight=0.0 if "vector" in stages else settings.vector_weight,
        lexical_weight=0.0 if "lexical" in stages else settings.lexical_weight,
        field_weight=0.0 if "field" in stages else settings.field_weight,
    )
    if "declared" in stages:
        found = replace(found, declared_shares=(0.0, 0.0, 0.0))
    if "gates" in stages:
        found = replace(found, missed=dict.fromkeys(found.missed, 1.0))
    parts = {*(["skills"] if "skills" in stages else []), *(_STRUCTURED if "structured" in stages else [])}
    yours, theirs = (
        {name: weight for name, weight in side.items() if name not in parts} for side in (found.yours, found.theirs)
    )
    return replace(found, yours=yours, theirs=theirs)


def of_judged(found: JudgedSet, vectors: VectorsByText) -> Iterator[Line]:
    """All stages on a judged set; its texts need their vectors."""
    yield from _lines(STAGES, lambda off: judgements.quality(found, vectors, without(off)))
    yield Line("balance", _balanced_judged(found, vectors), None)


def of_task(task: Task, vectors: VectorsByText) -> Iterator[Line]:
    """The text stages on texts alone; the signals are computed once for all variants."""
    sides = [
        (task.profiles, task.listings, task.grades, _signals(task.profiles, task.listings, vectors)),
        (task.listings, task.profiles, task.back, _signals(task.listings, task.profiles, vectors)),
    ]

    def quality(off: Sequence[str]) -> Both:
        forward, reverse = (
            judgements.mean_ndcg(_plain(asked, offered, [_joint(one, without(off)) for one in signals]), grades)
            for asked, offered, grades, signals in sides
        )
        return forward, reverse

    yield from _lines(TEXT, quality)
    forward, reverse = (
        _balanced(
            [a.id for a in asked],
            [o.id for o in offered],
            np.stack([_joint(one, DEFAULT) for one in signals]),
            lambda scores: scoring.text_worth(scores, DEFAULT),
            grades,
        )
        for asked, offered, grades, signals in sides
    )
    yield Line("balance", (forward, reverse), None)


def _lines(stages: Sequence[str], quality: Callable[[Sequence[str]], Both]) -> Iterator[Line]:
    whole = quality(())
    for at, stage in enumerate(stages):
        last = at == len(stages) - 1
        yield Line(stage, whole if last else quality(stages[at + 1 :]), quality((stage,)))


def _signals(asked: Sequence[FileText], offered: Sequence[FileText], vectors: VectorsByText) -> list[Signals]:
    ours, theirs = ([(one.text,) if one.text else () for one in side] for side in (asked, offered))
    space = Space.fit([*ours, *theirs], vectors)
    pool = TextPool.build(theirs, vectors, space)
    centred, readings = space.place(ours, vectors)
    odds = field_model.load().distributions(centred, readings)
    return [pool.compare(centred[i], readings[i], odds[i]) for i in range(len(ours))]


def _joint(signals: Signals, settings: Settings) -> Floats:
    return scoring.text_signals(signals.cosine, signals.lexical, signals.agreement, settings)


def _plain(asked: Sequence[FileText], offered: Sequence[FileText], rows: Sequence[Floats]) -> Run:
    ids = [one.id for one in offered]
    return {one.id: [ids[i] for i in order_by_score(row, ids, DEPTH)] for one, row in zip(asked, rows, strict=True)}


def _balanced_judged(found: JudgedSet, vectors: VectorsByText) -> Both:
    people, offers = found.people, found.offers
    there, back = rank.prepare(offers, vectors, people), rank.prepare(people, vectors, offers)
    every = max(len(people), len(offers))
    forward = [rank.rank_listings(one, there, vectors, top=every) for one in people]
    reverse = [rank.rank_profiles(one, back, vectors, top=every) for one in offers]
    persons, listings = [one.id for one in people], [one.id for one in offers]
    return (
        _balanced(persons, listings, _matrix(forward, listings, lambda m: m.listing_id), _as_it_is, found.grades),
        _balanced(listings, persons, _matrix(reverse, persons, lambda m: m.profile_id), _as_it_is, found.back),
    )


def _matrix(ranked: Sequence[Sequence[Match]], ids: Sequence[str], name: Callable[[Match], str]) -> Floats:
    """(queries × targets) scores from 0 to 1."""
    scored = [{name(match): match.score / 100 for match in matches} for matches in ranked]
    return np.array([[row[one] for one in ids] for row in scored], dtype=np.float32)


def _as_it_is(scores: Floats) -> Floats:
    return scores


def _balanced(
    asking: Sequence[str], ids: Sequence[str], scores: Floats, worth: Callable[[Floats], Floats], grades: Grades
) -> float:
    lists = exposure.Shortlists(scores.shape[:2], DEFAULT.balance)
    lists.add(range(len(asking)), scores)
    edges = lists.edges(worth)
    prices = exposure.prices(edges, DEFAULT.balance)
    exposure_prices = exposure.ExposurePrices.of(ids, dict(zip(ids, prices.tolist(), strict=True)))
    run = {}
    for row, query in enumerate(asking):
        own = edges.of(row)
        at = edges.targets[own]
        turns = exposure.turns_of(query, exposure_prices.marks[at])
        asked = exposure.Row(edges.scores[own], edges.worths[own], exposure_prices.ranks[at], turns)
        run[query] = [ids[at[i]] for i in exposure.arrange(asked, exposure_prices.prices[at], DEPTH, DEFAULT.balance)]
    return judgements.mean_ndcg(run, grades)
