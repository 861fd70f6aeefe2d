"""Mails about a registration: what changed, times in both clocks, the calendar entry."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fairs.core import i18n
from fairs.core.errors import NotFound
from fairs.notifications import calendars
from fairs.notifications.services import Attachment, Message, base_url, generator, mail_from, queue_mails
from fairs.registrations import queries
from fairs.registrations.rows import EndedSession, RegistrationRow, SignedSession

CALENDAR = "registration.calendar"


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail `kind` to a registration's person; `calendar` REQUEST or CANCEL adds or withdraws the invitation.

    `what`, `who`: variables of the templates; a `key` sends one mail only; `ended`: the cancelled sessions that it is about.
    """

    kind: str
    registration_id: int
    calendar: str = ""
    attachments: tuple[Attachment, ...] = ()
    what: str = ""
    who: object = ""
    key: str | None = None
    ended: tuple[EndedSession, ...] = ()


async def send(
    kind: str,
    registration_id: int,
    *,
    calendar: str = "",
    attachments: tuple[Attachment, ...] = (),
    what: str = "",
    who: object = "",
) -> None:
    """Queue one mail in the person's language."""
    await send_all([Mail(kind, registration_id, calendar, attachments, what, who)])


async def send_all(mails: Sequence[Mail]) -> None:
    """Queue mails, each in its person's language; none to who has no address. Raises NotFound when one does not exist."""
    if not mails:
        return
    ids = [mail.registration_id for mail in mails]
    rows = await queries.registrations_by_ids(ids)
    sessions = await queries.sessions_of_all([number for number in rows if rows[number].has_sessions])
    written = []
    for mail in mails:
        if mail.registration_id not in rows:
            raise NotFound
        row = rows[mail.registration_id]
        if not row.email:  # entered by somebody else, who hands over the badge
            continue
        written.append(_message(mail, row, sessions.get(mail.registration_id, [])))
    await queue_mails(written)


def _message(mail: Mail, row: RegistrationRow, sessions: Sequence[SignedSession]) -> Message:
    attachments = mail.attachments
    if mail.calendar:
        attachments = (*attachments, _calendar_file(row.id, mail.calendar, row.sequence))
    with i18n.language(row.lang):
        who = str(mail.who)
    return Message(
        kind=mail.kind,
        lang=row.lang,
        to_email=row.email,
        to_name=row.name_native or row.name_passport,
        account_id=row.account,
        variables=variables(row, row.own_zone or "", sessions)
        | {"what": mail.what, "who": who, "ended": _ended(mail.ended, row)},
        attachments=attachments,
        dedupe_key=mail.key,
        event=row.event,
    )


def _ended(sessions: Sequence[EndedSession], row: RegistrationRow) -> list[dict[str, Any]]:
    """Cancelled sessions as variables, in the person's language and both clocks."""
    with i18n.language(row.lang):
        return [
            {
                "title": i18n.pick(one.title_zh, one.title_en),
                "when": clocks(one.starts_at, one.ends_at, row.timezone, row.own_zone or ""),
                "reason": one.cancel_reason,
            }
            for one in sessions
        ]


def _calendar_file(registration_id: int, method: str, sequence: int) -> Attachment:
    return Attachment(
        filename="fair.ics" if method == calendars.Method.REQUEST else "cancelled.ics",
        content_type=f"text/calendar; method={method}; charset=utf-8",
        generator=CALENDAR,
        argument=f"{registration_id}:{method}:{sequence}",
    )


def variables(row: RegistrationRow, own_zone: str, signed_up: Sequence[SignedSession]) -> dict[str, Any]:
    """Template variables of a registration and its sessions, in its language."""
    with i18n.language(row.lang):
        sessions = [
            {
                "title": i18n.pick(s.title_zh, s.title_en),
                "when": clocks(s.starts_at, s.ends_at, row.timezone, own_zone),
            }
            for s in signed_up
        ]
        return {
            "name": (row.name_native if row.lang == "zh" else "") or row.name_passport,
            "event": i18n.pick(row.title_zh, row.title_en),
            "place": i18n.pick(row.place_zh, row.place_en),
            "number": row.number,
            "position": row.position,
            "until": _deadline(row, own_zone),
            "when": clocks(row.starts_at, row.ends_at, row.timezone, own_zone),
            "sessions": sessions,
            "link": f"{base_url()}/me/fairs",
            "offer_link": f"{base_url()}/me/fairs/{row.number}/offer",
            "badge_link": f"{base_url()}/me/fairs/{row.number}/badge",
            "event_link": f"{base_url()}/e/{row.slug}",
        }


def _deadline(row: RegistrationRow, own_zone: str) -> dict[str, str]:
    """Until when an offered place is kept, as `clocks`; empty without an offer."""
    if row.offer_until is None:
        return {"event": "", "own": ""}
    zones = [row.timezone]
    if own_zone and not i18n.same_clock(row.offer_until, row.offer_until, row.timezone, own_zone):
        zones.append(own_zone)
    texts = [f"{i18n.format_moment(row.offer_until, zone)} {i18n.zone_name(zone, row.offer_until)}" for zone in zones]
    return {"event": texts[0], "own": texts[1] if len(texts) > 1 else ""}


def clocks(starts_at: datetime, ends_at: datetime, zone: str, own_zone: str) -> dict[str, str]:
    """`event`: the span in the event's time with its zone's name; `own`: in the person's, empty when equal."""
    own = ""
    if own_zone and not i18n.same_clock(starts_at, ends_at, zone, own_zone):
        own = i18n.span_in_zone(starts_at, ends_at, own_zone)
    return {"event": i18n.span_in_zone(starts_at, ends_at, zone), "own": own}


@generator(CALENDAR)
async def make_calendar(argument: str) -> bytes:
    """The invitation to the fair, or its withdrawal: `<registration>:<method>:<sequence>`. One UID, as iTIP asks."""
    registration_id, method, sequence = argument.split(":")
    row = await queries.registration_by_id(int(registration_id))
    made = await entry(row, int(sequence), await queries.sessions_signed_up(row.id))
    invited = replace(made, organizer_email=mail_from(), attendee_email=row.email, attendee_name=row.name_passport)
    return calendars.calendar([invited], method=calendars.Method(method))


async def entry(row: RegistrationRow, sequence: int, signed_up: Sequence[SignedSession]) -> calendars.Entry:
    """The days of the fair as the person's calendar shows them, in the registration's language."""
    told = variables(row, "", signed_up)
    lines = [told["when"]["event"], f"{told['number']}  {told['badge_link']}"]
    lines += [f"{session['when']['event']}  {session['title']}" for session in told["sessions"]]
    return calendars.Entry(
        uid=await calendars.uid("registration", row.id),
        sequence=sequence,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        summary=told["event"],
        description="\n".join(lines),
        location=told["place"],
        url=told["event_link"],
        timezone=row.timezone,
        stamp=row.updated_at,
        whole_days=True,
    )
