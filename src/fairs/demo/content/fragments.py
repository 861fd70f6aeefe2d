"""The written fragments, read once from ``data/`` into typed rows."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Topic:
    """A research topic in two wordings per language, with its method, its result and the need it answers."""

    t_en: str
    t2_en: str
    how_en: str
    got_en: str
    t_zh: str
    t2_zh: str
    how_zh: str
    got_zh: str
    goal_zh: str


@dataclass(frozen=True, slots=True)
class Line:
    """A firm's business: the part of its name, its products, and the indices of the topics it needs."""

    word_zh: str
    word_en: str
    make_zh: str
    make_en: str
    topics: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Post:
    """A post for only some topics of its discipline."""

    zh: str
    en: str
    topics: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DisciplineTexts:
    code: str
    industries: tuple[str, ...]
    lines: tuple[Line, ...]
    posts: tuple[Post, ...]
    skills: tuple[tuple[str, str], ...]
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """A style of self-description; ``only`` limits it to some disciplines."""

    name: str
    min_rank: int
    only: tuple[str, ...]
    slots: tuple[tuple[str, ...], ...]


@cache
def read(name: str) -> Mapping[str, Any]:
    """A data file by its name without extension, such as ``listings`` or ``fields/health``."""
    path = files("fairs.demo.content") / "data" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def fields() -> Mapping[str, DisciplineTexts]:
    """The texts of every discipline by its four-digit code."""
    folder = files("fairs.demo.content") / "data" / "fields"
    names = sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))
    found = {code: _discipline(code, part) for name in names for code, part in read(f"fields/{name}").items()}
    return dict(sorted(found.items()))


def _discipline(code: str, part: Mapping[str, Any]) -> DisciplineTexts:
    return DisciplineTexts(
        code=code,
        industries=tuple(part["industries"]),
        lines=tuple(Line(row[0], row[1], row[2], row[3], tuple(row[4])) for row in part["lines"]),
        posts=tuple(Post(zh, en, tuple(topics)) for zh, en, topics in part["posts"]),
        skills=tuple((zh, en) for zh, en in part["skills"]),
        topics=tuple(Topic(*row) for row in part["topics"]),
    )


@cache
def voices(locale: str) -> tuple[Voice, ...]:
    return tuple(
        Voice(name, part["min_rank"], tuple(part.get("only", ())), tuple(tuple(slot) for slot in part["slots"]))
        for name, part in read("voices")[locale].items()
    )


def pair(text: str) -> tuple[str, str]:
    """Both halves of ``left|right``."""
    left, _, right = text.partition("|")
    return left, right
