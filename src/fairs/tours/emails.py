"""Mails of a tour: invitations, what is new, and the question to a host. Each in its reader's language, in both clocks."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from fairs.core import i18n
from fairs.core.i18n import pick
from fairs.events.rows import EventRow
from fairs.notifications.services import Message, base_url, queue_mails
from fairs.registrations.emails import clocks
from fairs.tours import changes
from fairs.tours.labels import NEWS, STOP_KINDS
from fairs.tours.rows import HostContact, MemberRow, StopRow
from fairs.tours.tables import NewsKind


def title_of(stop: StopRow) -> str:
    """What a stop is called in the current language."""
    return pick(stop.title_zh, stop.title_en) or str(STOP_KINDS[stop.kind])


def to_member(kind: str, event: EventRow, member: MemberRow, variables: dict[str, Any], key: str | None) -> Message:
    """A mail to a member, in the language that is set."""
    name = (member.name_native if member.lang == "zh" else "") or member.name_passport
    return Message(
        kind=kind,
        lang=member.lang,
        to_email=member.email,
        to_name=member.name_native or member.name_passport,
        account_id=member.account,
        variables={
            "name": name,
            "event": pick(event.title_zh, event.title_en),
            "when": clocks(event.starts_at, event.ends_at, event.timezone, member.own_zone),
            "link": f"{base_url()}/me/tours/{member.id}",
            **variables,
        },
        dedupe_key=key,
        event=event.id,
    )


async def invite(event: EventRow, members: Sequence[MemberRow], *, reminder: bool = False) -> int:
    """Ask members whether they come, or remind them; returns the number of mails. Each once an invitation."""
    mails = []
    for member in members:
        if not member.email:
            continue
        with i18n.language(member.lang):
            by = i18n.format_day(member.reply_by) if member.reply_by else ""
            mark = f"{member.id}:{member.invited_at.timestamp():.0f}" if member.invited_at else str(member.id)
            key = f"tour-{'remind' if reminder else 'invite'}:{mark}:{member.reply_by if reminder else ''}"
            mails.append(to_member("tour_invited", event, member, {"answer_by": by, "reminder": reminder}, key))
    return len(await queue_mails(mails)) if mails else 0


async def tell_news(
    event: EventRow,
    news_id: int,
    kind: NewsKind,
    stop: StopRow | None,
    values: tuple[str, str],
    members: Sequence[MemberRow],
) -> None:
    """One mail to each member about one thing that is new."""
    mails = []
    for member in members:
        if not member.email:
            continue
        with i18n.language(member.lang):
            lines = changes.lines(*values, event.timezone) if kind == NewsKind.CHANGED else []
            variables: dict[str, Any] = {
                "title": str(NEWS[kind]),
                "stop": title_of(stop) if stop else "",
                "at": clocks(stop.starts_at, stop.ends_at, event.timezone, member.own_zone) if stop else {},
                "place": pick(stop.place_zh, stop.place_en) if stop else "",
                "changes": [{"label": line.label, "before": line.before, "after": line.after} for line in lines],
            }
            mails.append(to_member("tour_news", event, member, variables, f"tour-news:{news_id}:{member.id}"))
    if mails:
        await queue_mails(mails)


class Case(StrEnum):
    """What a host is told: a first question, the same again because something changed, or that nobody comes."""

    ASK = "ask"
    AGAIN = "again"
    OFF = "off"


async def ask_host(event: EventRow, stop: StopRow, people: int, hosts: Sequence[HostContact], case: Case) -> int:
    """Ask who receives people at a stop whether they are expected; returns the number of mails."""
    mails = []
    for host in hosts:
        with i18n.language(host.lang):
            variables = {
                "name": host.name,
                "event": pick(event.title_zh, event.title_en),
                "stop": title_of(stop),
                "when": i18n.span_in_zone(stop.starts_at, stop.ends_at, event.timezone),
                "count": people,
                "case": case.value,
                "link": f"{base_url()}/hosting/{stop.id}",
            }
            key = f"tour-{case}:{stop.id}:{stop.revision}:{host.account}"
            mails.append(
                Message(
                    kind="tour_stop_asked",
                    lang=host.lang,
                    to_email=host.email,
                    to_name=host.name,
                    account_id=host.account,
                    variables=variables,
                    dedupe_key=key,
                    event=event.id,
                )
            )
    return len(await queue_mails(mails)) if mails else 0
