"""The same bytes twice, in whatever order a BLAS adds, whatever is given first, whatever the size of a block."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fairs.matching.engine import rank
from fairs.matching.text import encoder
from fairs.matching.text import text_pool as pools
from fairs.matching.text.text_pool import Signals, VectorsByText
from tests.matching.texts import listings, profiles

_FLAGS = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
CORES = ("Nehalem", "SkylakeX" if "avx512vl" in _FLAGS else "Sandybridge")  # kernels that this processor runs
"""Kernels of OpenBLAS that add in different orders; one that this machine lacks falls back to another."""


@pytest.fixture(scope="module")
def vectors() -> VectorsByText:
    return rank.encode_texts([*profiles(), *listings()])


def _ranked(vectors: VectorsByText, seed: int = 0) -> dict[str, list[str]]:
    """Person → listings, the records given in an order of the seed's."""
    chance = random.Random(seed)
    people, offers = profiles(), listings()
    if seed:
        people, offers = chance.sample(people, len(people)), chance.sample(offers, len(offers))
    ready = rank.prepare(offers, vectors, people)
    return {p.id: [match.listing_id for match in rank.rank_listings(p, ready, vectors)] for p in profiles()}


def test_dot_product_on_the_grid_is_exact_in_any_order() -> None:
    drawn = np.random.default_rng(3)
    left, right = (encoder.on_grid(drawn.normal(size=(40, 900)).astype(np.float32)) for _ in range(2))
    truth = left.astype(np.float64) @ right.astype(np.float64).T
    for _ in range(5):
        order = drawn.permutation(left.shape[1])
        assert (left[:, order] @ right[:, order].T == truth).all()
        assert (np.cumsum(left[0, order] * right[0, order], dtype=np.float32)[-1] == truth[0, 0]).all()


def test_grid_moves_a_vector_by_less_than_its_own_precision_matters() -> None:
    rows = np.random.default_rng(4).normal(size=(50, encoder.DIMENSIONS)).astype(np.float32)
    assert np.abs(encoder.on_grid(rows) - encoder.unit(rows)).max() <= 0.5 / encoder.GRID + 1e-7
    assert (encoder.on_grid(np.zeros((1, 4), dtype=np.float32)) == 0).all()


def test_order_of_records_does_not_matter(vectors: VectorsByText) -> None:
    plain = _ranked(vectors)
    assert all(_ranked(vectors, seed) == plain for seed in range(1, 4))


def test_noise_of_another_machine_does_not_move_the_order(
    vectors: VectorsByText, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = _ranked(vectors)
    drawn, compare, place = np.random.default_rng(6), pools.TextPool.compare, encoder.on_grid

    def shaken(*args: Any) -> Signals:
        found = compare(*args)
        noise = drawn.uniform(-1e-8, 1e-8, size=found.cosine.shape)
        return Signals((found.cosine + noise).astype(np.float32), found.lexical, found.agreement, found.odds)

    monkeypatch.setattr(pools.TextPool, "compare", shaken)
    monkeypatch.setattr(pools, "on_grid", lambda rows: place(rows + drawn.uniform(-1e-8, 1e-8, size=rows.shape)))
    assert _ranked(vectors) == plain


def test_block_size_and_input_order_of_exact_search_do_not_matter() -> None:
    drawn = np.random.default_rng(7)
    queries, targets = (encoder.on_grid(drawn.normal(size=(60, 32)).astype(np.float32)) for _ in range(2))
    targets[30:] = targets[:30]  # every score twice: ties everywhere
    ids = [f"{i:03}" for i in range(60)]
    plain = encoder.top_k(queries, targets, ids, 9)
    order = drawn.permutation(60)
    mixed = encoder.top_k(queries, targets[order], [ids[i] for i in order], 9, block=7)
    assert (order[mixed] == plain).all()


def test_kernels_of_blas_write_the_same_bytes(tmp_path: Path) -> None:
    people, offers = tmp_path / "people.jsonl", tmp_path / "offers.jsonl"
    for path, records in ((people, profiles()), (offers, listings())):
        path.write_text("".join(json.dumps({"id": r.id, "text": "\n".join(r.texts)}) + "\n" for r in records))
    written = []
    for core in CORES:
        out = tmp_path / core
        told = [
            sys.executable,
            "-m",
            "fairs.cli",
            "match",
            "rank",
            "--profiles",
            str(people),
            "--listings",
            str(offers),
            "--out",
            str(out),
        ]
        subprocess.run(told, check=True, capture_output=True, env={**os.environ, "OPENBLAS_CORETYPE": core})
        written.append(out.read_bytes())
    assert written[0]
    assert written == written[:1] * len(CORES)
