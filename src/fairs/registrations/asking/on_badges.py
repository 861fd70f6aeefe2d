"""The answers that are printed on badges: of questions that are marked so in the newest version of their form."""

from collections.abc import Mapping
from typing import Any

import msgspec

from fairs.core import i18n
from fairs.core.rows import execute, fetch_as
from fairs.registrations.asking import content as asked
from fairs.registrations.asking.content import Content, Kind, Question
from fairs.registrations.asking.labels import said
from fairs.registrations.asking.rows import BadgeAnswers

BETWEEN = " · "
_MARKED = "$.sections[*].questions[*] ? (@.on_badge == true)"


async def texts_of(people: Mapping[int, str]) -> dict[int, str]:
    """Registration → what its badge says of its answers, in the language given for it; those with nothing are left out."""
    rows = await fetch_as(
        BadgeAnswers,
        "SELECT a.registration, a.given::text AS given, a.brief::text AS brief, l.content::text AS content, t.sessions_zh, t.sessions_en"
        " FROM registration_answers a JOIN registration_form_version v ON v.id = a.version"
        " CROSS JOIN LATERAL (SELECT coalesce(array_agg(s.title_zh::text ORDER BY s.starts_at, s.code), '{}') AS sessions_zh,"
        " coalesce(array_agg(s.title_en::text ORDER BY s.starts_at, s.code), '{}') AS sessions_en"
        " FROM registration_session x JOIN event_session s ON s.id = x.session WHERE x.registration = a.registration) t"
        " JOIN LATERAL (SELECT content FROM registration_form_version WHERE form = v.form ORDER BY number DESC LIMIT 1) l ON true"
        " WHERE a.registration = ANY(:ids::bigint[]) AND jsonb_path_exists(l.content, :marked::text::jsonpath)",
        ids=list(people),
        marked=_MARKED,
    )
    known: dict[str, Content] = {}
    found: dict[int, str] = {}
    for row in rows:
        if row.content not in known:
            known[row.content] = asked.read(row.content)
        content = known[row.content]
        with i18n.language(people[row.registration]):
            text = BETWEEN.join(_parts(content, row))
        if text:
            found[row.registration] = text
    return found


def _parts(content: Content, row: BadgeAnswers) -> list[str]:
    values = {**msgspec.json.decode(row.given), **msgspec.json.decode(row.brief)}
    found = []
    for question in content:
        if not question.on_badge or question.kind == Kind.PHOTO:
            continue
        found.append(" ".join(_said(question, row, values.get(question.key)).split()))
    return [text for text in found if text]


def _said(question: Question, row: BadgeAnswers, value: Any) -> str:
    if question.kind == Kind.SESSION:
        return ", ".join(i18n.pick(*titles) for titles in zip(row.sessions_zh, row.sessions_en, strict=True))
    return str(question.label) if question.kind == Kind.CONSENT and value else said(question, value)


async def mark_photos(form_id: int, content: Content) -> None:
    """Photos that answer this form are those of badges and gates, or no longer."""
    await execute(
        "WITH changed AS (UPDATE registration_file x SET on_badge = x.question = ANY(:keys::text[]) FROM registration_answers a"
        " JOIN registration_form_version v ON v.id = a.version WHERE v.form = :form AND x.registration = a.registration"
        " AND x.on_badge <> (x.question = ANY(:keys::text[])) RETURNING x.registration)"
        " UPDATE registration SET updated_at = CURRENT_TIMESTAMP WHERE id IN (SELECT registration FROM changed)",
        form=form_id,
        keys=[question.key for question in content if question.kind == Kind.PHOTO and question.on_badge],
    )
