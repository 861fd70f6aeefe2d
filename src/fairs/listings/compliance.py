"""Finds discriminatory conditions in an employer's texts by a table of words and patterns (data/compliance.json).

Avoids false positives: a research topic (男科学, women's health, 65岁以上老年人群) is not a condition. No database.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

from fairs.core.i18n import current_lang

_BETWEEN_HAN = re.compile(r"(?<=[\u4e00-\u9fff])[ \u3000]+(?=[\u4e00-\u9fff])")
_CLAUSE_END = re.compile(r"[。；;！!？?\n]")
_FRAGMENT = re.compile(r"%([A-Z_]+)%")
_BEFORE = 40  # characters checked before a match


@dataclass(frozen=True, slots=True)
class Kind:
    """Why a condition is not allowed: a sentence with {words} in both languages, the law and its date, what to write."""

    zh: str
    en: str
    law: str
    date: str
    suggest_zh: str
    suggest_en: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern with its exceptions."""

    kind: str
    pattern: re.Pattern[str]
    unless_before: re.Pattern[str] | None
    unless_after: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Finding:
    """Words as in the text, and the kind of condition."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """All findings in one text, as a message in the reader's language that quotes the words."""

    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        lang = current_lang()
        quote, joint, law = ("「{}」", "、", "（{}）") if lang == "zh" else ("“{}”", ", ", " ({})")
        instead = "，建议：{}" if lang == "zh" else "; instead: {}"
        sentences = []
        for kind in dict.fromkeys(finding.kind for finding in self.findings):
            words = joint.join(quote.format(item.words) for item in self.findings if item.kind == kind)
            told = kinds()[kind]
            sentence = (told.zh if lang == "zh" else told.en).replace("{words}", words)
            suggested = instead.format(told.suggest_zh if lang == "zh" else told.suggest_en)
            sentences.append(sentence + law.format(told.law) + suggested)
        return ("。" if lang == "zh" else ". ").join(sentences) + ("。" if lang == "zh" else ".")


@cache
def _content() -> dict[str, object]:
    content: dict[str, object] = msgspec.json.decode(
        (files("fairs.listings") / "data" / "compliance.json").read_bytes()
    )
    return content


@cache
def kinds() -> dict[str, Kind]:
    """The kinds of conditions by key."""
    return msgspec.convert(_content()["kinds"], dict[str, Kind])


@cache
def rules() -> tuple[Rule, ...]:
    """The table, compiled."""
    rows = msgspec.convert(_content()["rules"], list[dict[str, str]])
    return tuple(
        Rule(row["kind"], _compiled(row["pattern"]), _optional(row, "unless_before"), _optional(row, "unless_after"))
        for row in rows
    )


@cache
def _fragments() -> dict[str, str]:
    return msgspec.convert(_content()["fragments"], dict[str, str])


def _compiled(pattern: str) -> re.Pattern[str]:
    """A compiled pattern of the table with its fragments inserted."""
    return re.compile(_FRAGMENT.sub(lambda match: _fragments()[match[1]], pattern), re.IGNORECASE)


def _optional(row: dict[str, str], name: str) -> re.Pattern[str] | None:
    return _compiled(row[name]) if name in row else None


def normal(text: str) -> str:
    """The text as the patterns read it: NFKC, without spaces between Han characters, which could hide words."""
    return _BETWEEN_HAN.sub("", unicodedata.normalize("NFKC", text))


def find_conditions(text: str) -> tuple[Finding, ...]:
    """Forbidden conditions in text order, each wording once; overlapping matches of two rules count once."""
    plain = normal(text)
    spans = sorted((match.start(), match.end(), rule.kind) for rule in rules() for match in _hits(rule, plain))
    merged: list[tuple[int, int, str]] = []
    for start, end, kind in spans:
        at = next((i for i, other in enumerate(merged) if other[2] == kind and start < other[1]), None)
        if at is None:
            merged.append((start, end, kind))
        else:
            merged[at] = (merged[at][0], max(end, merged[at][1]), kind)
    return tuple(dict.fromkeys(Finding(kind, plain[start:end].strip()) for start, end, kind in merged))


def _hits(rule: Rule, plain: str) -> list[re.Match[str]]:
    return [match for match in rule.pattern.finditer(plain) if not _excused(rule, plain, match)]


def _excused(rule: Rule, text: str, match: re.Match[str]) -> bool:
    before = _CLAUSE_END.split(text[max(0, match.start() - _BEFORE) : match.start()])[-1]
    if rule.unless_before and rule.unless_before.search(before):
        return True
    return bool(rule.unless_after and rule.unless_after.match(text, match.end()))


def refuse(text: str) -> Refusal | None:
    """The refusal of a text with forbidden conditions; None for a clean one."""
    findings = find_conditions(text)
    return Refusal(findings) if findings else None
