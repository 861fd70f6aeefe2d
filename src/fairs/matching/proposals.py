"""Disciplines and skills proposed from free text in either language, for forms where none are chosen yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from fairs.matching.engine import skills
from fairs.matching.engine.skills import has_han
from fairs.matching.settings import DEFAULT
from fairs.matching.text import field_model
from fairs.matching.text.encoder import Vectors, encode
from fairs.matching.text.lexical import read
from fairs.matching.text.tokens import is_empty


@dataclass(frozen=True, slots=True)
class Proposal:
    """One discipline with its strength: the probability, 0 to 1, that the text is about it."""

    code: str
    strength: float


@dataclass(frozen=True, slots=True)
class SkillProposal:
    """One skill that the text names, in both languages, with its strength from 0 to 1."""

    zh: str
    en: str
    strength: float


def propose_disciplines(
    text: str, catalogue: Iterable[Mapping[str, object]], *, vector: Vectors | None = None, top: int = 3
) -> list[Proposal]:
    """The likeliest disciplines of the catalogue (its items have `code`; one `hidden_by_default` is never proposed).

    `vector` is the text's encoder vector if already known; else the text is encoded here (some milliseconds, plus
    the model's loading the first time: not on the event loop). A text without letters gets no proposal.
    """
    if is_empty(text):
        return []
    offered = {str(item["code"]) for item in catalogue if not item.get("hidden_by_default")}
    chances = _chances(text, vector)
    proposals = [Proposal(code, round(chance, 4)) for code, chance in chances.items() if code in offered]
    return sorted(proposals, key=lambda p: (-p.strength, p.code))[:top]


def propose_skills(text: str, *, vector: Vectors | None = None, top: int = 3) -> list[SkillProposal]:
    """The skills named in the text that belong most to its subject; none is guessed. Computes as above.

    A tool or method counts `Strengths.tool`, an element or material `Strengths.material`; a term of a field one half,
    and up to 1 by the probability that the text is about its field.
    """
    named = skills.numbers_in(text)
    if not named:
        return []
    chances = _chances(text, vector)
    best: dict[str, SkillProposal] = {}
    for number in sorted(named):
        term = skills.written()[number]
        strength = 0.5 + 0.5 * chances[term.code] if term.code in chances else _of_group(term.code)
        best.setdefault(
            term.en.lower(), SkillProposal(term.zh if has_han(term.zh) else term.en, term.en, round(strength, 4))
        )
    return sorted(best.values(), key=lambda skill: (-skill.strength, skill.en, skill.zh))[:top]


def _of_group(name: str) -> float:
    """Strength of a skill that belongs to no one field: tools and methods; elements and materials."""
    return DEFAULT.strengths.tool if name in skills.tool_groups() else DEFAULT.strengths.material


def _chances(text: str, vector: Vectors | None) -> dict[str, float]:
    """Discipline → the probability that the text is about it."""
    model = field_model.load()
    rows = (encode([text], processes=1) if vector is None else np.asarray(vector)[None, :]).astype(np.float32)
    reading = read(text)
    centred = model.centres.centred(rows, [reading.language])
    chances = model.distributions(centred, [reading])[0]
    return dict(zip(model.codes, map(float, chances), strict=True))
