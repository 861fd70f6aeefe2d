"""Trains the field head from the lexicon: `python -m fairs.matching.text.train_field_model`. Run it when terms or model change.

The training texts are lists of terms of one discipline, drawn with a fixed seed, in both languages. The loss is softmax
regression with a small ridge; a few seconds on one core.
"""

import random
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fairs.matching.text import terms
from fairs.matching.text.encoder import Floats, encode, unit
from fairs.matching.text.field_model import SHARPNESS
from fairs.matching.text.tokens import Language

_SEED = 5
_LISTS = 24
_SIZES = (2, 4, 6, 8)
_STEPS = 300
_RATE = 0.2
_RIDGE = 1e-3


def examples(lexicon: terms.Lexicon) -> list[tuple[str, str, Language, bool]]:
    """(text, code, language, whether it is a list): every term alone, and lists of two to eight terms of one field."""
    chance = random.Random(_SEED)
    rows: list[tuple[str, str, Language, bool]] = []
    languages: tuple[Language, ...] = ("zh", "en")
    for code in sorted({term.code for term in lexicon.terms}):
        own = [term for term in lexicon.terms if term.code == code]
        for name in languages:
            names = [term.zh if name == "zh" else term.en for term in own]
            joint = "、" if name == "zh" else ", "
            for _ in range(_LISTS):
                drawn = chance.sample(names, min(chance.choice(_SIZES), len(names)))
                rows.append((joint.join(drawn), code, name, True))
            rows.extend((text, code, name, False) for text in names)
    return rows


def softmax_regression(rows: Floats, labels: NDArray[np.int64], classes: int) -> tuple[Floats, Floats]:
    """Weights and bias by gradient descent with momentum; deterministic."""
    head = np.zeros((rows.shape[1], classes), dtype=np.float32)
    bias = np.zeros(classes, dtype=np.float32)
    wanted = np.eye(classes, dtype=np.float32)[labels]
    speed = np.zeros_like(head)
    for _ in range(_STEPS):
        odds = rows @ head + bias
        odds = np.exp(odds - odds.max(axis=1, keepdims=True))
        error = odds / odds.sum(axis=1, keepdims=True) - wanted
        speed = 0.9 * speed + rows.T @ error / np.float32(len(rows)) + np.float32(_RIDGE) * head
        head -= np.float32(_RATE) * speed
        bias -= np.float32(_RATE) * error.mean(axis=0)
    return head, bias


def train(vectors: Floats, made: Sequence[tuple[str, str, Language, bool]]) -> dict[str, NDArray[np.generic]]:
    """The arrays of data/fields.npz: codes, head, bias, and the mean list vector of each language."""
    codes = sorted({code for _, code, _, _ in made})
    centred = vectors.copy()
    stored: dict[str, NDArray[np.generic]] = {"codes": np.array(codes)}
    for name in ("zh", "en"):
        own = [i for i, example in enumerate(made) if example[2] == name]
        lists = [i for i in own if made[i][3]]
        centred[own] -= vectors[own].mean(axis=0)
        stored[f"centre_{name}"] = vectors[lists].mean(axis=0).astype(np.float16)
    labels = np.array([codes.index(code) for _, code, _, _ in made], dtype=np.int64)
    head, bias = softmax_regression(unit(centred) * np.float32(SHARPNESS), labels, len(codes))
    return stored | {"head": head.astype(np.float16), "bias": bias.astype(np.float16)}


def main() -> None:
    """Writes the trained head to `matching/data/fields.npz`."""
    made = examples(terms.load())
    vectors = encode([text for text, _, _, _ in made]).astype(np.float32)
    target = Path(__file__).parents[1] / "data" / "fields.npz"
    np.savez(target, **train(vectors, made))  # type: ignore[arg-type]
    sys.stdout.write(f"{target.name}: {len(made)} examples\n")


if __name__ == "__main__":
    main()
