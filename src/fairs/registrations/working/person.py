"""Everything about one registration on one page: what its own slices know, and what higher ones add."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fairs.accounts.actor import Actor
from fairs.core.rows import fetch_as
from fairs.core.services import Service, unwired
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.working.rows import OtherRegistration, SentMail

MAILS = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a section. `kind`: of the badge that shows `word`; `route` with `values`: where the line leads to."""

    text: str
    at: datetime | None = None
    detail: str = ""
    kind: str = ""
    word: str = ""
    route: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """What a slice knows about a registration; `none`: what is said without a line; `facts`: words with a value each."""

    title: object
    lines: Sequence[Line]
    none: object
    facts: Sequence[tuple[str, str]] = ()


Reader = Callable[[RegistrationRow, Actor], Awaitable[Section]]
SECTIONS: Service[tuple[Reader, ...]] = Service(tuple)
"""Of other slices: answers, badges, scans, meetings, agreements."""


Arrived = Callable[[Sequence[int]], Awaitable[set[int]]]
ARRIVED: Service[Arrived] = Service(unwired("checkin"))
"""Of registrations, those whose person came in at an entrance."""


async def others_of(row: RegistrationRow, actor: Actor) -> list[OtherRegistration]:
    """Other registrations of the same person, by profile or address, at events that the actor runs, the latest first."""
    return await fetch_as(
        OtherRegistration,
        "SELECT r.number, e.slug, e.title_zh, e.title_en, e.starts_at, r.state, r.category, r.id FROM registration r"
        " JOIN event e ON e.id = r.event WHERE r.id <> :id AND (r.talent = :talent OR (r.email = :email AND :email <> ''))"
        " AND (:everything OR (e.release = 'released' AND e.state <> 'draft' AND e.unit = ANY(:units::bigint[])))"
        " ORDER BY e.starts_at DESC, r.id DESC LIMIT 20",
        id=row.id,
        talent=row.talent,
        email=row.email,
        everything=actor.sees_everything,
        units=actor.unit_ids,
    )


async def mails_of(row: RegistrationRow) -> list[SentMail]:
    """Mails to the address of a registration that name it, the latest first: what concerns other events stays unseen."""
    return await fetch_as(
        SentMail,
        "SELECT m.subject, m.state, m.created_at, m.sent_at FROM outgoing_mail m WHERE m.to_email = :email"
        " AND :email <> '' AND strpos(m.body_text, :number) > 0 ORDER BY m.id DESC LIMIT :most",
        email=row.email,
        number=row.number,
        most=MAILS,
    )
