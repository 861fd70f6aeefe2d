"""Mails about a registration: what happened, when in both clocks, the calendar."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from fairs.core import clock, i18n
from fairs.notifications import calendars
from fairs.notifications.services import Attachment, Message, base_url, generator, mail_from, queue_mail
from fairs.registrations import queries

CALENDAR = "registration.calendar"


async def send(
    kind: str, registration_id: int, *, calendar: str = "", attachments: tuple[Attachment, ...] = ()
) -> None:
    """Queue the mail `kind` in the person's language; `calendar` REQUEST or CANCEL adds the invitation or takes it back."""
    row = await queries.registration_by_id(registration_id)
    if calendar:
        sequence = 0 if calendar == "REQUEST" else 1 + int((clock.now() - row["created_at"]).total_seconds())
        attachments = (*attachments, _calendar_file(registration_id, calendar, sequence))
    await queue_mail(
        Message(
            kind=kind,
            lang=row["lang"],
            to_email=row["email"],
            to_name=row["name_native"] or row["name_passport"],
            account_id=row["account"],
            variables=await variables(row, row["own_zone"] or ""),
            attachments=attachments,
        )
    )


def _calendar_file(registration_id: int, method: str, sequence: int) -> Attachment:
    return Attachment(
        filename="fair.ics" if method == "REQUEST" else "cancelled.ics",
        content_type=f"text/calendar; method={method}; charset=utf-8",
        generator=CALENDAR,
        argument=f"{registration_id}:{method}:{sequence}",
    )


async def variables(row: asyncpg.Record, own_zone: str) -> dict[str, Any]:
    """What the templates say of a registration, in its language."""
    with i18n.language(row["lang"]):
        sessions = [
            {
                "title": i18n.pick(s["title_zh"], s["title_en"]),
                "when": clocks(s["starts_at"], s["ends_at"], row, own_zone),
            }
            for s in (await queries.sessions_signed_up(row["id"]) if row["has_sessions"] else [])
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
    told = await variables(row, "")
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
