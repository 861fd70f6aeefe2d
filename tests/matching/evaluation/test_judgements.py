"""The judged set: its grades follow from its truth, and the ranking holds its quality on it, whole and spoiled."""

import json
import statistics
from collections.abc import Sequence
from pathlib import Path

import pytest

from fairs.matching.engine import rank
from fairs.matching.engine.records import DEGREE_RANK, ListingRecord, ProfileRecord
from fairs.matching.evaluation import judgements
from fairs.matching.evaluation.judgements import JudgedSet
from fairs.matching.files import BadInput
from fairs.matching.text.encoder import Vectors

FOLDER = Path(__file__).parent / "judged"
SEEDS = range(5)
SHARE = 0.15


@pytest.fixture(scope="module")
def whole() -> JudgedSet:
    return judgements.read(FOLDER)


@pytest.fixture(scope="module")
def vectors(whole: JudgedSet) -> dict[str, Vectors]:
    return dict(rank.encode_texts([*whole.people, *whole.offers]))


def _quality(found: JudgedSet, vectors: dict[str, Vectors]) -> tuple[float, float]:
    records: list[ProfileRecord | ListingRecord] = [*found.people, *found.offers]
    new = rank.encode_texts([record for record in records if set(record.texts) - set(vectors)])
    return judgements.quality(found, {**vectors, **new})


def _grade(
    profile: ProfileRecord, listing: ListingRecord, subjects: dict[str, str], near: dict[frozenset[str], int]
) -> int:
    ours, theirs = subjects[profile.id], subjects[listing.id]
    grade = 3 if ours == theirs else near.get(frozenset((ours, theirs)), 0)
    assert profile.available_from
    assert listing.ends
    low_degree = DEGREE_RANK[profile.degree or ""] < DEGREE_RANK[listing.degree_min or ""]
    hard = sum([low_degree, not listing.languages <= profile.languages])
    soft = sum(
        [
            not listing.engagements & profile.engagements,
            listing.city not in profile.cities,
            profile.available_from > listing.ends,
        ]
    )
    top = listing.pay_max or listing.pay_min
    too_little = bool(top and profile.pay_min and 2 * top < profile.pay_min)
    needed = max(DEGREE_RANK[listing.degree_min or ""], DEGREE_RANK["bachelor"])
    too_learned = DEGREE_RANK[profile.degree or ""] - needed >= 2
    most = 1 if too_little else 2 if too_learned else 3
    least = 1 if not hard and (grade >= 2 or (grade == 1 and soft <= 1)) else 0
    return min(most, max(least, grade - 2 * hard - soft))


def test_grades_follow_from_the_written_truth(whole: JudgedSet) -> None:
    truth = json.loads((FOLDER / "truth.json").read_text("utf-8"))
    near = {frozenset((a, b)): grade for a, b, grade in truth["carries_over"]}
    derived = {
        person.id: {o.id: grade for o in whole.offers if (grade := _grade(person, o, truth["subjects"], near))}
        for person in whole.people
    }
    assert derived == whole.grades
    assert (len(whole.people), len(whole.offers)) == (68, 99)
    assert set(truth["subjects"]) == {row["id"] for row in (*whole.profiles, *whole.listings)}


def test_declared_fields_rank_well_both_ways(whole: JudgedSet, vectors: dict[str, Vectors]) -> None:
    forward, reverse = _quality(whole, vectors)
    assert forward >= 0.94
    assert reverse >= 0.92


@pytest.mark.parametrize(
    ("names", "best"),
    [(("discipline",), (0.93, 0.905)), (judgements.DECLARED, (0.88, 0.855))],
    ids=["disciplines", "everything"],
)
def test_wrong_and_missing_declarations_cost_little(
    whole: JudgedSet, vectors: dict[str, Vectors], names: Sequence[str], best: tuple[float, float]
) -> None:
    found = [_quality(judgements.spoiled(whole, SHARE, seed, names), vectors) for seed in SEEDS]
    forward, reverse = (statistics.fmean(values) for values in zip(*found, strict=True))
    assert forward >= best[0]
    assert reverse >= best[1]


def test_spoiling_is_seeded_and_of_the_said_share(whole: JudgedSet) -> None:
    once, again = judgements.spoiled(whole, SHARE, 1), judgements.spoiled(whole, SHARE, 1)
    assert once == again
    assert judgements.spoiled(whole, 0.0, 1) == whole
    changed = [a["discipline"] != b["discipline"] for a, b in zip(once.listings, whole.listings, strict=True)]
    assert 5 <= sum(changed) <= 20


def test_ndcg_of_best_worst_and_half() -> None:
    assert judgements.ndcg(["a", "b"], {"a": 3, "b": 1}) == 1.0
    assert judgements.ndcg(["c"] * 10, {"a": 3}) == 0.0
    assert judgements.ndcg(["b", "a"], {"a": 3, "b": 1}) == pytest.approx((1 + 7 / 1.584963) / (7 + 1 / 1.584963))


@pytest.mark.parametrize(
    ("name", "line", "says"),
    [
        ("profiles.jsonl", "{broken", "profiles.jsonl, line 69: the line is not a JSON object"),
        ("profiles.jsonl", '{"id": "p61"}', "profiles.jsonl, line 69: 'headline' is missing"),
        ("profiles.jsonl", "SAME", "profiles.jsonl, line 69: id 'p01' is used before"),
        ("profiles.jsonl", '{"id": 5}', "profiles.jsonl, line 69: 'id' has the wrong form"),
        ("profiles.jsonl", '{"skills": "Python"}', "profiles.jsonl, line 69: 'skills' has the wrong form"),
        ("listings.jsonl", '{"pay_min": "x"}', "listings.jsonl, line 100: 'pay_min' has the wrong form"),
        ("listings.jsonl", '{"sponsors_permit": "yes"}', "listings.jsonl, line 100: 'sponsors_permit' has the wrong form"),
        ("judgements.jsonl", '{"profile": []}', "judgements.jsonl, line 69: 'profile' is not one of profiles.jsonl"),
        ("listings.jsonl", "[]", "listings.jsonl, line 100: the line is not a JSON object"),
        ("judgements.jsonl", '{"profile": "p99", "grades": {}}', "judgements.jsonl, line 69: 'profile' is not one of profiles.jsonl"),
        (
            "judgements.jsonl",
            '{"profile": "p01", "grades": {"l01": 9}}',
            "judgements.jsonl, line 69: 'grades' must give listings of listings.jsonl a grade of 1 to 3",
        ),
    ],
)  # fmt: skip
def test_a_broken_set_is_refused_with_its_line(tmp_path: Path, name: str, line: str, says: str) -> None:
    for part in judgements.PARTS:
        written = (FOLDER / f"{part}.jsonl").read_text("utf-8")
        line = written.splitlines()[0] if line == "SAME" else line
        (tmp_path / f"{part}.jsonl").write_text(written + (f"{line}\n" if f"{part}.jsonl" == name else ""), "utf-8")
    with pytest.raises(BadInput, match=f"^{says.replace('(', '[(]')}$"):
        judgements.read(tmp_path)
    assert judgements.read(FOLDER).grades


def test_a_missing_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such folder"):
        judgements.read(tmp_path / "none")
    with pytest.raises(BadInput, match="No such file"):
        judgements.read(tmp_path)


def test_writing_the_same_language_is_no_likeness(whole: JudgedSet, vectors: dict[str, Vectors]) -> None:
    pool = rank.prepare(whole.offers, vectors, whole.people)
    found: dict[bool, list[float]] = {True: [], False: []}
    for person in whole.people:
        texts = rank.compare(person, pool, vectors).text
        others = [at for at, o in enumerate(pool.records) if o.id not in whole.grades[person.id]]
        found[bool(person.text_zh)] += [float(texts[at]) for at in others]
    chinese, english = (statistics.fmean(values) for values in (found[True], found[False]))
    assert chinese < 1.5 * english


def test_strange_records_are_ranked_like_others(whole: JudgedSet) -> None:
    texts = ["", "🎓🧪", "小麥育種與抗旱", "wheat 小麦 breeding 育种 <script>", "wheat " * 9_000, "wheat"]
    rows = [
        whole.profiles[0] | {"id": f"s{at}", "headline": "", "summary": text, "skills": []}
        for at, text in enumerate(texts)
    ]
    bare = {name: [] if isinstance(value, list) else "" for name, value in whole.profiles[0].items()}
    rows.append(bare | {"id": "bare", "available_from": None, "pay_min": None})
    strange = JudgedSet(rows, whole.listings[:20], {row["id"]: {"l01": 3} for row in rows})
    forward, reverse = judgements.runs(strange, rank.encode_texts([*strange.people, *strange.offers]))
    assert {len(found) for found in forward.values()} == {10}
    assert {len(found) for found in reverse.values()} == {len(rows)}
    assert all(forward[f"s{at}"][0] in ("l01", "l02", "l80") for at in (2, 3, 4))
