"""Matching: encoding, size and speed (scale.py), balance, and the quality of the judged and of a measured set.

    python -m benchmarks.matching [--quick] [--set DIR]

DIR holds TASK_profiles.jsonl, TASK_listings.jsonl and TASK_qrels.jsonl for the tasks research, pairs and pairshort.
"""

import argparse
import json
import math
import random
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks import balance, scale, synthetic
from benchmarks.balance import gini_at_ten
from fairs.matching.engine import rank
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.evaluation.judgements import quality as judged_quality
from fairs.matching.evaluation.judgements import read, spoiled
from fairs.matching.files import rank_files, read_texts
from fairs.matching.text import encoder

_SEED = 11
_TASKS = ("research", "pairs", "pairshort")


def encoding() -> dict[str, float]:
    """Texts a second in one process with one BLAS thread, at 160 characters of either language."""
    chance = random.Random(_SEED)
    encoder.encode(["warm"], processes=1)
    found = {}
    for language in ("zh", "en"):
        written = [synthetic.written(chance, language, 160)[0] for _ in range(200)]
        begin = time.perf_counter()
        encoder.encode(written, processes=1)
        found[f"encode_{language}_texts_per_s"] = round(200 / (time.perf_counter() - begin), 1)
    return found


def quality(folder: Path) -> dict[str, float]:
    """nDCG@10 and Gini of exposure of every task that the folder holds, both ways, without balance and with it."""
    found = {}
    for task in _TASKS:
        if not (folder / f"{task}_qrels.jsonl").exists():
            continue
        people, offers = (read_texts(folder / f"{task}_{side}.jsonl") for side in ("profiles", "listings"))
        texts = sorted({one.text for one in (*people, *offers)})
        known = dict(zip(texts, encoder.encode(texts), strict=True))
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
    """nDCG@10 on the judged set of tests/matching/evaluation/judged, as declared and with 15 % of all declarations wrong or missing."""
    whole = read(Path(__file__).parent.parent / "tests" / "matching" / "evaluation" / "judged")
    known: dict[str, encoder.Vectors] = {}
    found: dict[str, float] = {}
    for name, sets in {"": [whole], "_spoiled": [spoiled(whole, 0.15, seed) for seed in range(5)]}.items():
        both = []
        for one in sets:
            records: list[ProfileRecord | ListingRecord] = [*one.people, *one.offers]
            new = rank.texts_to_encode(records, known)
            known |= dict(zip(new, encoder.encode(new), strict=True))
            both.append(judged_quality(one, known))
        forward, reverse = (statistics.fmean(values) for values in zip(*both, strict=True))
        found |= {f"judged{name}_ndcg10": round(forward, 4), f"judged{name}_ndcg10_reverse": round(reverse, 4)}
    return found


def _ndcg(ranked: list[str], relevant: set[str]) -> float:
    gain = sum(1 / math.log2(i + 2) for i, one in enumerate(ranked[:10]) if one in relevant)
    return gain / sum(1 / math.log2(i + 2) for i in range(min(10, len(relevant))))


def run(*, with_large: bool = False, measured: Path | None = None) -> dict[str, Any]:
    """All figures by name; prints each as it comes."""
    found: dict[str, Any] = {"model": encoder.model_version()}
    for part in (balance.run, judged, encoding, lambda: scale.run(with_large=with_large)):
        found |= part()
    if measured is not None:
        found |= quality(measured)
    for name, value in found.items():
        print(f"{name:32} {value}")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--quick",
        action="store_true",
        help="without 30,000 listings with the full pipeline and pgvector with 100,000 vectors: three minutes less",
    )
    parser.add_argument("--set", type=Path, help="a folder of measured tasks")
    chosen = parser.parse_args()
    run(with_large=not chosen.quick, measured=chosen.set)
