"""Mails about meetings: both zones' times, and the invitation as a calendar file."""

from typing import Any

from fairs.core import i18n
from fairs.core.wishes import Side
from fairs.meetings import addressees, queries
from fairs.meetings.rows import Contact, MeetingRow
from fairs.meetings.tables import MeetingState
from fairs.notifications import calendars
from fairs.notifications.services import Attachment, Message, base_url, generator, mail_from, queue_mails

CALENDAR = "meeting.calendar"
PAGES: dict[str, str] = {Side.TALENT: "/me/meetings", Side.EMPLOYER: "/employer/meetings"}


async def _contacts(listing_id: int, talent_id: int) -> dict[str, Contact]:
    """side → contact: the person, and the employer's contact."""
    pair = (listing_id, talent_id)
    return dict((await addressees.of_pairs([pair]))[pair])


def clocks(meeting: MeetingRow, own_zone: str) -> dict[str, str]:
    """The meeting's hours in the event's zone and in the receiver's own; the second is empty when both are the same."""
    starts_at, ends_at, zone = meeting.starts_at, meeting.ends_at, meeting.timezone
    own_zone = own_zone if i18n.is_zone(own_zone) else zone
    own = "" if i18n.same_clock(starts_at, ends_at, zone, own_zone) else i18n.span_in_zone(starts_at, ends_at, own_zone)
    return {"event": i18n.span_in_zone(starts_at, ends_at, zone), "own": own}


def names(meeting: MeetingRow, side: str) -> dict[str, str]:
    """The other side's name and the listing's title, in the current language."""
    native = meeting.name_native if i18n.current_lang() == "zh" else ""
    person = native or meeting.name_passport
    employer = i18n.pick(meeting.organisation_zh, meeting.organisation_en)
    return {
        "other": employer if side == Side.TALENT else person,
        "title": i18n.pick(meeting.title_zh, meeting.title_en),
    }


async def notify_mutual(listing_id: int, talent_id: int) -> None:
    """Both sides want to meet: notified once per pair."""
    pair = await queries.pair(listing_id, talent_id)
    contacts, mails = await _contacts(listing_id, talent_id), []
    for side, contact in contacts.items():
        with i18n.language(contact.lang):
            employer = i18n.pick(pair.organisation_zh, pair.organisation_en)
            variables = {
                "name": contact.name,
                "other": employer if side == Side.TALENT else contacts[Side.TALENT].name,
                "title": i18n.pick(pair.title_zh, pair.title_en),
                "link": base_url() + PAGES[side],
                "side": side,
            }
        mails.append(_message("interest_mutual", contact, variables, key=f"mutual:{listing_id}:{talent_id}:{side}"))
    await queue_mails(mails)


async def notify_scheduled(meeting_ids: list[int]) -> None:
    """The invitations, to both sides of each meeting."""
    await _invite("meeting_scheduled", meeting_ids, {})


async def notify_moved(marks: dict[int, str]) -> None:
    """The invitations again, to both sides of each meeting; a meeting's mark is used only once."""
    await _invite("meeting_moved", list(marks), marks)


async def _invite(kind: str, meeting_ids: list[int], marks: dict[int, str]) -> None:
    meetings = await queries.meetings_by_ids(meeting_ids)
    contacts = await addressees.of_pairs([(meeting.listing, meeting.talent) for meeting in meetings])
    await queue_mails(
        [
            _message(
                kind,
                contact,
                _variables(meeting, side, contact),
                _calendar(meeting, calendars.Method.REQUEST, side),
                key=f"{marks[meeting.id]}:{side}" if marks else None,
                event=meeting.event,
            )
            for meeting in meetings
            for side, contact in contacts[meeting.listing, meeting.talent]
        ]
    )


async def notify_cancelled(meeting_id: int, by_side: str, *, reason: str = "", who: str = "") -> None:
    """The cancellation, to both sides, so that both calendars are updated."""
    meeting, mails = await queries.meeting_by_id(meeting_id), []
    for side, contact in (await _contacts(meeting.listing, meeting.talent)).items():
        variables = {
            **_variables(meeting, side, contact),
            "by": "you" if side == by_side else by_side,
            "reason": reason,
            "who": who,
        }
        calendar = _calendar(meeting, calendars.Method.CANCEL, side)
        mails.append(_message("meeting_cancelled", contact, variables, calendar, event=meeting.event))
    await queue_mails(mails)


def _variables(meeting: MeetingRow, side: str, contact: Contact) -> dict[str, Any]:
    with i18n.language(contact.lang):
        return {
            "name": contact.name,
            "when": clocks(meeting, contact.timezone),
            "place": i18n.pick(meeting.place_zh, meeting.place_en),
            "event": i18n.pick(meeting.event_title_zh, meeting.event_title_en),
            "table": meeting.table_number,
            "link": base_url() + PAGES[side],
            "side": side,
            **names(meeting, side),
        }


def _message(
    kind: str,
    contact: Contact,
    variables: dict[str, Any],
    *attachments: Attachment,
    key: str | None = None,
    event: int | None = None,
) -> Message:
    return Message(
        kind=kind,
        lang=contact.lang,
        to_email=contact.email,
        to_name=contact.name,
        account_id=contact.account_id,
        variables=variables,
        attachments=attachments,
        dedupe_key=key,
        event=event,
    )


def _calendar(meeting: MeetingRow, method: str, side: str) -> Attachment:
    return Attachment(
        filename="meeting.ics" if method == calendars.Method.REQUEST else "cancelled.ics",
        content_type=f"text/calendar; method={method}; charset=utf-8",
        generator=CALENDAR,
        argument=f"{meeting.id}:{method}:{meeting.sequence}:{side}",
    )


@generator(CALENDAR)
async def make_calendar(argument: str) -> bytes:
    """An invitation or its withdrawal: `<meeting>:<method>:<sequence>:<side>`. One UID, as iTIP requires."""
    meeting_id, method, sequence, side = argument.split(":")
    meeting = await queries.meeting_by_id(int(meeting_id))
    contact = (await _contacts(meeting.listing, meeting.talent)).get(side)
    made = await entry(meeting, side, contact, sequence=int(sequence))
    return calendars.calendar([made], method=calendars.Method(method))


async def entry(
    meeting: MeetingRow, side: str, contact: Contact | None = None, sequence: int | None = None
) -> calendars.Entry:
    """The meeting as one side's calendar shows it; with a contact it is an invitation."""
    with i18n.language(contact.lang if contact else i18n.current_lang()):
        told, called_off = names(meeting, side), meeting.state == MeetingState.CANCELLED
        place = i18n.pick(meeting.place_zh, meeting.place_en)
        table = i18n.gettext("Table %(number)s", number=meeting.table_number)
        return calendars.Entry(
            uid=await calendars.uid("meeting", meeting.id),
            sequence=meeting.sequence if sequence is None else sequence,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            summary=i18n.gettext("Meeting: %(other)s", other=told["other"]),
            description=f"{told['title']}\n{base_url()}{PAGES[side]}",
            location=", ".join(part for part in (place, table) if part),
            url=base_url() + PAGES[side],
            status=calendars.Status.CANCELLED if called_off else calendars.Status.CONFIRMED,
            timezone=meeting.timezone,
            organizer_email=mail_from() if contact else "",
            attendee_email=contact.email if contact else "",
            attendee_name=contact.name if contact else "",
            stamp=meeting.updated_at,
            busy=not called_off,
        )
