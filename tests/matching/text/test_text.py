"""Words, dictionary, lexicon, encoder and exact search."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairs.matching.text import encoder, glosses, lexical, terms, tokens


@pytest.mark.parametrize(
    ("written", "language"),
    [
        ("深度学习", "zh"),
        ("基于 Transformer 和 BERT 的机器翻译模型", "zh"),
        ("deep learning (深度学习) for the recognition of wheat rust in the field", "en"),
        ("", "en"),
        ("🎓🎓", "en"),
        ("機器學習", "zh"),
    ],
)
def test_language_of_a_text(written: str, language: str) -> None:
    assert tokens.language(written) == language


@pytest.mark.parametrize(
    ("word", "form"),
    [("networks", "network"), ("batteries", "battery"), ("virus", "virus"), ("analysis", "analysis"), ("glass", "glass"),
     ("mechanised", "mechanized"), ("flavour", "flavor"), ("gas", "gas"), ("processes", "process")],
)  # fmt: skip
def test_singular_form(word: str, form: str) -> None:
    assert tokens.singular(word) == form


def test_stems_of_one_family_meet() -> None:
    assert {tokens.stem(w) for w in ("catalysis", "catalytic")} == {"catal"}
    assert tokens.stem("combustion") == tokens.stem("combustible")
    assert tokens.stem("university") != tokens.stem("unit")


def test_dictionary_reduces_an_entry_and_keeps_its_form() -> None:
    source = [
        "# comment",
        "機器學習 机器学习 [ji1 qi4 xue2 xi2] /machine learning/CL:門|门[men2]/",
        "not an entry",
        "稻 稻 [dao4] /paddy/rice (Oryza sativa)/see 水稻[shui3 dao4]/",
    ]
    import gzip

    assert gzip.decompress(glosses.reduce(source)).decode().split("\n") == [
        "机器学习\t機器學習\tmachine learning",
        "稻\t\tpaddy/rice (Oryza sativa)",
    ]
    assert glosses.reduce(source) == glosses.reduce(list(source))


def test_shipped_dictionary_reads_traditional_text() -> None:
    dictionary = glosses.load()
    assert len(dictionary.meanings) > 100_000
    assert dictionary.to_simplified("電腦與機器學習") == "电脑与机器学习"
    assert ("neural", "network") in dictionary.phrases("神经网络")
    assert dictionary.phrases("没有这个词条") == ()


def test_lexicon_finds_the_longest_term() -> None:
    lexicon = terms.load()
    found = [lexicon.terms[n].en for n in lexicon.in_chinese(tokens.segments("卷积神经网络用于水稻病害识别"))]
    assert found[0] == "convolutional neural network"
    assert "rice" in found
    words = [tokens.singular(w) for w in tokens.words("Convolutional neural networks for rice")]
    assert [lexicon.terms[n].zh for n in lexicon.in_english(words)] == ["卷积神经网络", "水稻"]


def test_lexicon_is_well_formed() -> None:
    lexicon = terms.load()
    assert all(term.zh and term.en and len(term.code) == 4 for term in lexicon.terms)
    assert len(lexicon.by_zh) == len(lexicon.terms)


def test_lexical_similarity_crosses_languages() -> None:
    readings = [
        lexical.read(t) for t in ("镁合金的腐蚀与涂层", "唐诗的修辞", "corrosion of magnesium alloys", "Tang poetry")
    ]
    postings = lexical.Postings.build(readings[:2], lexical.Vocabulary.fit(readings))
    alloy, poem = postings.similarity(readings[2]), postings.similarity(readings[3])
    assert alloy[0] > 0.3 > alloy[1]
    assert poem[1] > 0.3 > poem[0]
    assert postings.similarity(lexical.read("")).tolist() == [0.0, 0.0]


def test_encode_order_and_empty_texts() -> None:
    written = ["wheat breeding", "", "🎓", "小麦育种", "12 34"]
    vectors = encoder.encode(written, processes=1)
    assert vectors.dtype == np.float16
    assert [bool(row.any()) for row in vectors] == [True, False, False, True, False]
    assert float(vectors[0].astype(np.float32) @ vectors[3].astype(np.float32)) > 0.5
    assert encoder.encode([]).shape == (0, encoder.DIMENSIONS)


def test_encode_in_processes_equals_one_process() -> None:
    written = [f"{topic} number {i}" for i in range(130) for topic in ("wheat breeding", "桥梁抗震")]
    assert np.array_equal(encoder.encode(written, processes=2), encoder.encode(written, processes=1))


@given(st.integers(0, 2**31), st.integers(1, 12), st.integers(1, 40), st.integers(1, 50), st.integers(1, 7))
@settings(max_examples=40, deadline=None)
def test_top_k_equals_the_sorted_order(seed: int, queries: int, targets: int, k: int, block: int) -> None:
    chance = np.random.default_rng(seed)
    left = chance.integers(-2, 3, (queries, 3)).astype(np.float32) / np.float32(4)
    right = chance.integers(-2, 3, (targets, 3)).astype(np.float32) / np.float32(4)
    ids = [f"t{int(n)}" for n in chance.permutation(targets)]
    found = encoder.top_k(left, right, ids, k, block)
    scores = left @ right.T
    expected = [sorted(range(targets), key=lambda j: (-float(row[j]), ids[j]))[:k] for row in scores]
    assert found.tolist() == expected
    assert [encoder.order_by_score(row, ids, k) for row in scores] == expected
