"""Read own texts: those in force, and the versions of one."""

from collections.abc import Sequence

from fairs.core.rows import fetch_as
from fairs.mailings.wording.rows import InForce, WordingRow
from fairs.notifications.services import Asked
from fairs.notifications.wording import Wording

_COLUMNS = "w.id, w.kind, w.event, w.version, w.subject_zh, w.subject_en, w.text_zh, w.text_en, a.name AS made_by, w.created_at"
_LATEST = (
    "SELECT DISTINCT ON (kind, event) kind, event, subject_zh, subject_en, text_zh, text_en FROM mail_wording"
    " WHERE kind = ANY(:kinds::text[]) AND (event IS NULL OR event = ANY(:events::bigint[]))"
    " ORDER BY kind, event, version DESC"
)


async def wordings(asked: Sequence[Asked]) -> dict[Asked, Wording]:
    """The own texts for these mails: the event's, else that for all events; kinds with the built-in text are left out."""
    rows = await fetch_as(
        InForce,
        _LATEST,
        kinds=sorted({kind for kind, _, _ in asked}),
        events=sorted({event for _, event, _ in asked if event is not None}),
    )
    known = {(row.kind, row.event): row for row in rows if row.subject_zh}
    found = {}
    for kind, event, lang in asked:
        row = known.get((kind, event)) or known.get((kind, None))
        if row:
            zh = lang == "zh"
            found[kind, event, lang] = Wording(
                row.subject_zh if zh else row.subject_en, row.text_zh if zh else row.text_en
            )
    return found


async def versions(kind: str, event_id: int | None) -> list[WordingRow]:
    """The versions of the text of a kind, for an event or for all, the newest first."""
    return await fetch_as(
        WordingRow,
        f"SELECT {_COLUMNS} FROM mail_wording w LEFT JOIN account a ON a.id = w.made_by"  # noqa: S608 - a constant of the code
        " WHERE w.kind = :kind AND w.event IS NOT DISTINCT FROM :event::bigint ORDER BY w.version DESC",
        kind=kind,
        event=event_id,
    )


async def latest(event_id: int | None) -> dict[str, WordingRow]:
    """kind → the last version of its text, for an event or for all."""
    rows = await fetch_as(
        WordingRow,
        f"SELECT DISTINCT ON (w.kind) {_COLUMNS} FROM mail_wording w LEFT JOIN account a ON a.id = w.made_by"  # noqa: S608 - a constant of the code
        " WHERE w.event IS NOT DISTINCT FROM :event::bigint ORDER BY w.kind, w.version DESC",
        event=event_id,
    )
    return {row.kind: row for row in rows}
