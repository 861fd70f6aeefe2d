"""The programme as a calendar file."""

from collections.abc import Sequence
from urllib.parse import urljoin

from fairs.core.i18n import pick
from fairs.events import labels
from fairs.events.inheriting import effective
from fairs.events.rows import EventRow, ProgrammeSession
from fairs.notifications import calendars
from fairs.notifications.services import base_url


async def programme_calendar(event: EventRow, sessions: Sequence[ProgrammeSession]) -> bytes:
    """Every session of the programme; the event itself if there is none. In the viewer's language, with both titles."""
    sequence = int((event.updated_at - event.created_at).total_seconds())
    entries = [await _session(event, session, sequence) for session in sessions]
    entries = entries or [await _whole(event, sequence)]
    return calendars.calendar(entries, name=pick(event.title_zh, event.title_en))


async def _session(event: EventRow, session: ProgrammeSession, sequence: int) -> calendars.Entry:
    room = pick(session.room_name_zh, session.room_name_en)
    own = effective(event)
    place = pick(own.place_zh, own.place_en)
    return calendars.Entry(
        uid=await calendars.uid("session", session.id),
        sequence=sequence,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        summary=pick(session.title_zh, session.title_en),
        description=_both(session.title_zh, session.title_en) + "\n" + pick(event.title_zh, event.title_en),
        location=", ".join(part for part in (room, place) if part),
        url=_address(event),
        timezone=event.timezone,
        categories=(labels.session_kind(session.kind),),
        stamp=event.updated_at,
    )


async def _whole(event: EventRow, sequence: int) -> calendars.Entry:
    own = effective(event)
    return calendars.Entry(
        uid=await calendars.uid("event", event.id),
        sequence=sequence,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        summary=pick(event.title_zh, event.title_en),
        description=_both(event.title_zh, event.title_en),
        location=pick(own.place_zh, own.place_en),
        url=_address(event),
        timezone=event.timezone,
        stamp=event.updated_at,
        whole_days=True,
    )


def _both(zh: str, en: str) -> str:
    return " / ".join(dict.fromkeys(text for text in (pick(zh, en), en, zh) if text))


def _address(event: EventRow) -> str:
    return urljoin(base_url() + "/", f"e/{event.slug}")
