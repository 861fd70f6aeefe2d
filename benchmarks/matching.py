"""Matching: encoding, one against 3,000, exact top 50 of 10,000 × 30,000, and the quality of a measured set.

    python -m benchmarks.matching [--large] [--set DIR]

DIR holds TASK_profiles.jsonl, TASK_listings.jsonl and TASK_qrels.jsonl for the tasks research, pairs and pairshort.
"""

import argparse
import json
import math
import random
import statistics
import time
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import balance
from benchmarks.balance import gini_at_ten
from fairs.matching import rank, terms, text
from fairs.matching.files import rank_files, read_texts
from fairs.matching.judged import quality as judged_quality
from fairs.matching.judged import read, spoiled
from fairs.matching.records import ListingRecord, ProfileRecord

# isort: split
import numpy as np  # only now: fairs.matching asks for one BLAS thread

_SEED = 11
_TASKS = ("research", "pairs", "pairshort")


def _written(chance: random.Random, language: str, chars: int) -> str:
    """A text of about `chars` characters of one field's terms: as long and as mixed as a real one, and nobody's."""
    lexicon = terms.load().terms
    start = chance.randrange(len(lexicon))
    words: list[str] = []
    while sum(map(len, words)) < chars:
        term = lexicon[min(len(lexicon) - 1, start + chance.randrange(25))]
        words.append(f"研究{term.zh}的方法与应用" if language == "zh" else f"research on {term.en} and its use")
    return ("，" if language == "zh" else ", ").join(words)[:chars]


def _listings(count: int, chance: random.Random) -> list[ListingRecord]:
    codes = sorted({term.code for term in terms.load().terms})
    return [
        ListingRecord(
            id=f"l{i}",
            text_zh=_written(chance, "zh", 160),
            disciplines=(chance.choice(codes),),
            degree_min=chance.choice(("bachelor", "master", "doctor")),
            engagements=frozenset({chance.choice(("full_time", "flexible", "project"))}),
            city=chance.choice(("410105", "410300", "410700")),
            starts=date(2019, chance.randint(1, 12), 1),
            pay_max=chance.randrange(100_000, 900_000),
        )
        for i in range(count)
    ]


def encoding() -> dict[str, float]:
    """Texts a second in one process with one BLAS thread, at 160 characters of either language."""
    chance = random.Random(_SEED)
    text.encode(["warm"], processes=1)
    found = {}
    for language in ("zh", "en"):
        written = [_written(chance, language, 160) for _ in range(200)]
        begin = time.perf_counter()
        text.encode(written, processes=1)
        found[f"encode_{language}_texts_per_s"] = round(200 / (time.perf_counter() - begin), 1)
    return found


def one_against(count: int = 3_000) -> dict[str, float]:
    """Reading a pool once, then one person against it, in a request's time; vectors are ready."""
    chance = random.Random(_SEED)
    offers = _listings(count, chance)
    person = ProfileRecord(
        id="p",
        text_en=_written(chance, "en", 600),
        disciplines=("0812",),
        degree="doctor",
        engagements=frozenset({"full_time"}),
        cities=frozenset({"410100"}),
        pay_min=400_000,
    )
    drawn = np.random.default_rng(_SEED)
    texts = [*person.texts, *(t for offer in offers for t in offer.texts)]
    known = {t: drawn.normal(size=text.DIMENSIONS).astype(np.float16) for t in texts}
    rank.warm_up()
    begin = time.perf_counter()
    pool = rank.prepare(offers, known, [person])
    ready = time.perf_counter() - begin
    took = []
    for _ in range(7):
        begin = time.perf_counter()
        rank.rank_listings(person, pool, known, top=50)
        took.append(1000 * (time.perf_counter() - begin))
    return {
        f"prepare_{count}_s": round(ready, 2),
        f"one_against_{count}_first_ms": round(took[0], 1),
        f"one_against_{count}_ms": round(statistics.median(took[1:]), 1),
    }


def large(queries: int = 10_000, targets: int = 30_000) -> dict[str, float]:
    """Exact top 50 by vectors alone, both ways, on all cores."""
    drawn = np.random.default_rng(_SEED)
    left = text.unit(drawn.normal(size=(queries, text.DIMENSIONS)).astype(np.float32))
    right = text.unit(drawn.normal(size=(targets, text.DIMENSIONS)).astype(np.float32))
    found = {}
    for name, a, b in (("forward", left, right), ("reverse", right, left)):
        begin = time.perf_counter()
        text.top_k(a, b, [f"{i:06d}" for i in range(len(b))], 50)
        found[f"top50_{name}_s"] = round(time.perf_counter() - begin, 1)
    return found


def quality(folder: Path) -> dict[str, float]:
    """nDCG@10 and Gini of exposure of every task that the folder holds, both ways, without balance and with it."""
    found = {}
    for task in _TASKS:
        if not (folder / f"{task}_qrels.jsonl").exists():
            continue
        people, offers = (read_texts(folder / f"{task}_{side}.jsonl") for side in ("profiles", "listings"))
        texts = sorted({one.text for one in (*people, *offers)})
        known = dict(zip(texts, text.encode(texts), strict=True))
        there, back = defaultdict(set), defaultdict(set)
        for line in (folder / f"{task}_qrels.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            for one in row["relevant"]:
                there[row["query"]].add(one)
                back[one].add(row["query"])
        for name, asked, offered, relevant in (("", people, offers, there), ("_reverse", offers, people, back)):
            for how, balanced in (("", False), ("_balanced", True)):
                run = dict(rank_files(asked, offered, top=10, balanced=balanced, known=known))
                gains = [_ndcg(run[query], wanted) for query, wanted in relevant.items()]
                found[f"{task}_ndcg10{name}{how}"] = round(statistics.fmean(gains), 4)
                found[f"{task}_gini{name}{how}"] = round(gini_at_ten(run, [one.id for one in offered]), 3)
    return found


def judged() -> dict[str, float]:
    """nDCG@10 on the judged set of tests/matching/judged, as declared and with 15 % of all declarations wrong or missing."""
    whole = read(Path(__file__).parent.parent / "tests" / "matching" / "judged")
    known: dict[str, text.Vectors] = {}
    found: dict[str, float] = {}
    for name, sets in {"": [whole], "_spoiled": [spoiled(whole, 0.15, seed) for seed in range(5)]}.items():
        both = []
        for one in sets:
            records: list[ProfileRecord | ListingRecord] = [*one.people, *one.offers]
            new = rank.texts_to_encode(records, known)
            known |= dict(zip(new, text.encode(new), strict=True))
            both.append(judged_quality(one, known))
        forward, reverse = (statistics.fmean(values) for values in zip(*both, strict=True))
        found |= {f"judged{name}_ndcg10": round(forward, 4), f"judged{name}_ndcg10_reverse": round(reverse, 4)}
    return found


def _ndcg(ranked: list[str], relevant: set[str]) -> float:
    gain = sum(1 / math.log2(i + 2) for i, one in enumerate(ranked[:10]) if one in relevant)
    return gain / sum(1 / math.log2(i + 2) for i in range(min(10, len(relevant))))


def run(*, with_large: bool = False, measured: Path | None = None) -> dict[str, Any]:
    """All figures by name; prints each as it comes."""
    found: dict[str, Any] = {"model": text.model_version()}
    parts = [balance.run, judged, encoding, one_against, *([large] if with_large else [])]
    for part in parts:
        found |= part()
    if measured is not None:
        found |= quality(measured)
    for name, value in found.items():
        print(f"{name:32} {value}")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help="also the top 50 of 10,000 × 30,000, both ways")
    parser.add_argument("--set", type=Path, help="a folder of measured tasks")
    chosen = parser.parse_args()
    run(with_large=chosen.large, measured=chosen.set)
