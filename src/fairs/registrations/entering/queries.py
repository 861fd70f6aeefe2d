"""Read people registered by others: an employer's, those of a desk, and who may be the same person."""

from collections.abc import Sequence

from fairs.accounts.actor import Actor
from fairs.core.errors import NotFound
from fairs.core.rows import fetch_as, fetch_value_or_none
from fairs.core.search_keys import like_words
from fairs.events.queries import event_by_slug
from fairs.events.rows import EventRow
from fairs.events.tables import EventState
from fairs.registrations import phones, queries, rules
from fairs.registrations.entering.forms import EntryForm
from fairs.registrations.entering.rows import EmployerFound, Entry, Twin
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.rules import ENDED_STATES
from fairs.registrations.tables import Category

LATEST = 20  # of a desk's page
SHORTEST_PHONE = 7  # digits that tell one person from another
_ENTRY = (
    "SELECT r.id, r.number, r.state, r.category, r.email, r.name_passport, r.name_native, r.badge_name,"
    " r.organisation_name, r.phone, r.days, r.created_at, a.name AS entered_by_name"
    " FROM registration r LEFT JOIN account a ON a.id = r.entered_by"
)


async def event_to_enter(actor: Actor, slug: str) -> EventRow:
    """An event where this actor registers others: the province everywhere, a bureau at its own events, on-site staff at
    theirs. Raises NotFound for all others, and for drafts except to the province."""
    event = await event_by_slug(slug, viewer=actor)
    if actor.sees_everything:
        return event
    own = event.unit in actor.unit_ids or event.id in actor.event_ids
    if not own or event.state == EventState.DRAFT:
        raise NotFound
    return event


def categories_for(actor: Actor, event: EventRow) -> tuple[str, ...]:
    """As what this actor may register others. On-site staff gives no category that opens more doors than the public ones."""
    if actor.sees_everything or event.unit in actor.unit_ids:
        return rules.categories()
    allowed = {*rules.own_categories(), Category.EMPLOYER.value}
    return tuple(name for name in rules.categories() if name in allowed)


async def representatives(event_id: int, organisation_id: int) -> list[Entry]:
    """Who comes to an event for an employer, cancelled ones last."""
    return await fetch_as(
        Entry,
        f"{_ENTRY} WHERE r.organisation = :organisation AND r.event = :event AND r.category = 'employer'"
        f" ORDER BY (r.state IN {ENDED_STATES}), r.id",
        organisation=organisation_id,
        event=event_id,
    )


async def entered_by(actor: Actor, event: EventRow) -> list[Entry]:
    """The last people whom the staff registered here: on-site staff sees its own."""
    everybody = actor.sees_everything or event.unit in actor.unit_ids
    return await fetch_as(
        Entry,
        f"{_ENTRY} WHERE r.event = :event AND r.entered_by IS NOT NULL AND (:everybody OR r.entered_by = :account)"
        " ORDER BY r.id DESC LIMIT :latest",
        event=event.id,
        everybody=everybody,
        account=actor.account_id,
        latest=LATEST,
    )


async def twins(event_id: int, form: EntryForm, email: str) -> list[Twin]:
    """Registered people with the same address, telephone number or name, the same address first."""
    names = [name.casefold() for name in (form.name_native, form.name_passport) if name]
    found = await fetch_as(
        Twin,
        "SELECT id, number, state, category, email, name_passport, name_native, organisation_name, phone,"  # noqa: S608 - a constant: the ended states
        " lower(name_passport) = ANY(:names::text[]) OR lower(name_native) = ANY(:names::text[]) AS alike"
        f" FROM registration WHERE event = :event AND state NOT IN {ENDED_STATES} AND ((email <> '' AND email = :email)"
        " OR lower(name_passport) = ANY(:names::text[]) OR lower(name_native) = ANY(:names::text[])"
        " OR id = ANY(:ids::bigint[])) ORDER BY (email <> '' AND email = :email) DESC, id LIMIT 20",
        event=event_id,
        email=email,
        names=names,
        ids=await _with_phone(event_id, form.phone),
    )
    return [row for row in found if row.alike or same_phone(phones.opened(row.phone), form.phone) or row.email == email]


async def _with_phone(event_id: int, phone: str) -> list[int]:
    """Found by the ending of the number, so that a country code before it does not matter."""
    digits = rules.digits(phone)
    if len(digits) < SHORTEST_PHONE:
        return []
    page = await queries.search_ids(event=event_id, q=digits[-11:], window=(1, 20, 0))
    return list(page.rows)


def same_phone(one: str, other: str) -> bool:
    """Whether two numbers are the same, with or without the code of the country."""
    short, long = sorted((rules.digits(one), rules.digits(other)), key=len)
    return len(short) >= SHORTEST_PHONE and long.endswith(short.lstrip("0"))


async def employers_called(text: str) -> list[EmployerFound]:
    """Approved employers with exactly this name or credit code."""
    return await fetch_as(
        EmployerFound,
        "SELECT id, name_zh, name_en FROM organisation WHERE state = 'approved'"
        " AND (uscc = upper(:text) OR name_zh = :text OR (name_en <> '' AND lower(name_en) = lower(:text))) ORDER BY id",
        text=text,
    )


async def employers_like(text: str) -> Sequence[str]:
    """Names of a few approved employers that the text may mean."""
    rows = await fetch_as(
        EmployerFound,
        "SELECT id, name_zh, name_en FROM organisation WHERE state = 'approved'"
        " AND search_key LIKE ALL (:words::text[]) ORDER BY name_zh LIMIT 5",
        words=like_words(text),
    )
    return [row.name_zh or row.name_en for row in rows]


async def person_at(actor: Actor, slug: str, number: str) -> tuple[EventRow, RegistrationRow]:
    """(event, registration) for those who work at the desk of the event. Raises NotFound for all others."""
    event = await event_to_enter(actor, slug)
    found = None
    if rules.is_number(number.upper()):
        sql = "SELECT id FROM registration WHERE number = :number AND event = :event"
        found = await fetch_value_or_none(int, sql, number=number.upper(), event=event.id)
    if found is None or not actor.reaches(event.id):
        raise NotFound
    return event, await queries.registration_by_id(found)
