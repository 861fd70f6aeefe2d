"""The text that both sides sign: composed once per revision, stored as canonical JSON, hashed with SHA-256. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fairs.core.canonical import canonical as canonical
from fairs.core.canonical import digest as digest

FORM = "fairs/intent-agreement/1"  # raise it when a sentence below changes
_STANDARD = (
    {
        "heading_zh": "效力",
        "zh": "本意向书记录双方的合作意愿，不构成劳动合同，除保密条款外不产生法律约束力；具体权利义务以双方另行签订的正式合同为准。",
        "heading_en": "Effect",
        "en": "This letter records what both sides intend. It is not a contract of employment and, apart from the clause "
        "on confidentiality, binds neither side; rights and duties follow from the contract signed later.",
    },
    {
        "heading_zh": "保密",
        "zh": "双方对洽谈中获知的对方未公开信息负有保密义务，未经对方同意不得向第三方披露。",
        "heading_en": "Confidentiality",
        "en": "What either side learns in the talks and is not public stays between them, unless the other side agrees.",
    },
    {
        "heading_zh": "变更与终止",
        "zh": "内容经修改即形成新的版本，须双方重新签署，此前的签署随之失效；任何一方可说明原因后终止本意向。",
        "heading_en": "Change and end",
        "en": "A changed text is a new revision that both sides sign anew; earlier signatures lapse. Either side may end "
        "this intent by giving its reason.",
    },
    {
        "heading_zh": "文本",
        "zh": "本意向书以中文和英文书就，两种文本具有同等效力；双方在平台上以电子方式签署。",
        "heading_en": "Languages",
        "en": "The letter is written in Chinese and English, both texts being equally valid, and is signed electronically "
        "on the platform.",
    },
)


@dataclass(frozen=True)
class Article:
    """One numbered clause in both languages, displayed side by side."""

    number: int
    heading_zh: str
    text_zh: str
    heading_en: str
    text_en: str


def compose(number: str, revision: int, parties: Mapping[str, Any], terms: Mapping[str, Any]) -> dict[str, Any]:
    """All agreed content. `parties`: employer, talent, event, witness; `terms`: as typed in the form."""
    return {
        "form": FORM,
        "number": number,
        "revision": revision,
        **parties,
        **terms,
        "standard": [dict(clause) for clause in _STANDARD],
    }


def read(text: str) -> dict[str, Any]:
    """The document of a stored canonical text."""
    document: dict[str, Any] = json.loads(text)
    return document


def _money(amount: int | None) -> tuple[str, str]:
    if amount is None:
        return "", ""
    return f"拟投入金额为人民币 {amount:,} 元。", f"The amount intended is CNY {amount:,}."


def _time(months: int | None) -> tuple[str, str]:
    if months is None:
        return "", ""
    word = "month" if months == 1 else "months"
    return f"每年在当地工作约 {months} 个月。", f"Time on site: about {months} {word} a year."


def _way(document: Mapping[str, Any]) -> Article:
    heads, engagement = document["heads"], document["engagement"]
    time, money = _time(document["months_per_year"]), _money(document["amount_cny"])
    person = "person" if heads == 1 else "persons"
    zh = f"引进方式为{engagement['zh']}，涉及 {heads} 人。{time[0]}{money[0]}"
    en = " ".join(part for part in (f"{engagement['en']}, for {heads} {person}.", time[1], money[1]) if part)
    return Article(2, "方式", zh, "Way of engagement", en)


def _next(document: Mapping[str, Any]) -> Article:
    day = document["next_step_by"]
    zh = f"双方争取于 {day} 前进入下一步，并商签正式合同。" if day else "双方另行商定下一步安排，并商签正式合同。"
    en = (
        f"Both sides aim to take the next step by {day} and to work towards a formal contract."
        if day
        else "Both sides will settle the next step between them and work towards a formal contract."
    )
    return Article(3, "下一步", zh, "Next step", en)


def articles(document: Mapping[str, Any]) -> list[Article]:
    """The clauses in order."""
    content = document["content"]
    first = [Article(1, "合作内容", content["zh"], "Content", content["en"]), _way(document), _next(document)]
    rest = [
        Article(number, clause["heading_zh"], clause["zh"], clause["heading_en"], clause["en"])
        for number, clause in enumerate(document["standard"], start=len(first) + 1)
    ]
    return first + rest
