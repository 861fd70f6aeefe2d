"""Mails about a registration: what happened, when in both clocks, the calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from fairs.core import clock, i18n
from fairs.core.errors import NotFound
from fairs.notifications import calendars
from fairs.notifications.services import Attachment, Message, base_url, generator, mail_from, queue_mails
from fairs.registrations import queries

CALENDAR = "registration.calendar"


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail `kind` to a registration's person; `calendar` REQUEST or CANCEL adds the invitation or takes it back."""

    kind: str
    registration_id: int
    calendar: str = ""
    attachments: tuple[Attachment, ...] = ()


async def send(
    kind: str, registration_id: int, *, calendar: str = "", attachments: tuple[Attachment, ...] = ()
) -> None:
    """Queue one mail in the person's language."""
    await send_all([Mail(kind, registration_id, calendar, attachments)])


async def send_all(mails: Sequence[Mail]) -> None:
    """Queue mails, each in its person's language. Raises NotFound when a registration is not there."""
    if not mails:
        return
    ids = [mail.registration_id for mail in mails]
    rows = await queries.registrations_by_ids(ids)
    sessions = await queries.sessions_of_all([number for number in rows if rows[number]["has_sessions"]])
    written = []
    for mail in mails:
        if mail.registration_id not in rows:
            raise NotFound
        row = rows[mail.registration_id]
        written.append(_message(mail, row, sessions.get(mail.registration_id, [])))
    await queue_mails(written)


def _message(mail: Mail, row: asyncpg.Record, sessions: Sequence[asyncpg.Record]) -> Message:
    attachments = mail.attachments
    if mail.calendar:
        sequence = 0 if mail.calendar == "REQUEST" else 1 + int((clock.now() - row["created_at"]).total_seconds())
        attachments = (*attachments, _calendar_file(row["id"], mail.calendar, sequence))
    return Message(
        kind=mail.kind,
        lang=row["lang"],
        to_email=row["email"],
        to_name=row["name_native"] or row["name_passport"],
        account_id=row["account"],
        variables=variables(row, row["own_zone"] or "", sessions),
        attachments=attachments,
    )


def _calendar_file(registration_id: int, method: str, sequence: int) -> Attachment:
    return Attachment(
        filename="fair.ics" if method == "REQUEST" else "cancelled.ics",
        content_type=f"text/calendar; method={method}; charset=utf-8",
        generator=CALENDAR,
        argument=f"{registration_id}:{method}:{sequence}",
    )


def variables(row: asyncpg.Record, own_zone: str, signed_up: Sequence[asyncpg.Record]) -> dict[str, Any]:
    """What the templates say of a registration and the sessions it is signed up to, in its language."""
    with i18n.language(row["lang"]):
        sessions = [
            {
                "title": i18n.pick(s["title_zh"], s["title_en"]),
                "when": clocks(s["starts_at"], s["ends_at"], row, own_zone),
            }
            for s in signed_up
        ]
        return {
            "name": (row["name_native"] if row["lang"] == "zh" else "") or row["name_passport"],
            "event": i18n.pick(row["title_zh"], row["title_en"]),
            "place": i18n.pick(row["place_zh"], row["place_en"]),
            "number": row["number"],
            "position": row["position"],
            "when": clocks(row["starts_at"], row["ends_at"], row, own_zone),
            "sessions": sessions,
            "link": f"{base_url()}/me/fairs",
            "badge_link": f"{base_url()}/me/fairs/{row['number']}/badge",
            "event_link": f"{base_url()}/e/{row['slug']}",
        }


def clocks(starts_at: datetime, ends_at: datetime, row: asyncpg.Record, own_zone: str) -> dict[str, str]:
    """`event`: the span by the event's clock with its zone's name; `own`: by the person's, empty when they agree."""
    zone = row["timezone"]
    own = ""
    if own_zone and own_zone != zone:
        mine, theirs = (starts_at.astimezone(ZoneInfo(name)).utcoffset() for name in (own_zone, zone))
        if mine != theirs:
            own = f"{i18n.format_hours(starts_at, ends_at, own_zone)} ({i18n.zone_name(own_zone, starts_at)})"
    return {"event": f"{i18n.format_hours(starts_at, ends_at, zone)} ({i18n.zone_name(zone, starts_at)})", "own": own}


@generator(CALENDAR)
async def make_calendar(argument: str) -> bytes:
    """The invitation to the fair, or its withdrawal: `<registration>:<method>:<sequence>`. One UID, as iTIP asks."""
    registration_id, method, sequence = argument.split(":")
    row = await queries.registration_by_id(int(registration_id))
    told = variables(row, "", await queries.sessions_signed_up(row["id"]))
    lines = [f"{told['number']}  {told['badge_link']}"]
    lines += [f"{session['when']['event']}  {session['title']}" for session in told["sessions"]]
    entry = calendars.Entry(
        uid=calendars.uid("registration", row["id"]),
        sequence=int(sequence),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        summary=told["event"],
        description="\n".join(lines),
        location=told["place"],
        url=told["event_link"],
        timezone=row["timezone"],
        organizer_email=mail_from(),
        attendee_email=row["email"],
        attendee_name=row["name_passport"],
        stamp=row["updated_at"],
    )
    return calendars.calendar([entry], method="CANCEL" if method == "CANCEL" else "REQUEST")
