"""Owners write their exhibits and send them in; visitors ask something of them."""

from typing import Any
from uuid import UUID

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, versions
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.locks import Lock, hold
from fairs.core.rows import execute, fetch_value, fetch_value_or_none, fetch_values
from fairs.events.queries import event_by_slug
from fairs.events.rows import EventRow
from fairs.events.rules import RUNNING, is_over
from fairs.exhibits import keys, queries, rules
from fairs.exhibits.forms import ExhibitForm, RequestForm
from fairs.exhibits.rows import ExhibitRow
from fairs.exhibits.tables import Exhibit
from fairs.files.services import attach, let_go
from fairs.files.tables import Purpose

CLOSED = N_("This event takes no exhibits now")
IN_USE = N_("It was sent in: take it back before you change it")
TOO_MANY = N_("You have %(number)s exhibits at this event, which is the most", number=rules.MOST_EXHIBITS)
DONE_ALREADY = N_("Somebody has done this already: look at it again")
PICTURES = ("picture_1", "picture_2", "picture_3")


async def open_event(slug: str, by: Actor) -> EventRow:
    """An event that takes exhibits now. Raises NotFound, Conflict."""
    event = await event_by_slug(slug, viewer=by)
    call = await queries.exhibition_of(event.id)
    now = clock.now()
    closed = call is None or (call.closes_at is not None and call.closes_at <= now)
    if closed or event.state not in RUNNING or is_over(event.ends_at, now, demo=event.demo):
        raise Conflict(CLOSED, code="closed")
    return event


def owner_columns(owner: str, allowed: list[tuple[str, str]]) -> dict[str, int]:
    """The columns of an owner among those that the actor may act for. Raises Invalid."""
    if owner not in {value for value, _ in allowed}:
        raise Invalid(fields={"owner": [N_("Choose one from the list")]})
    name, _, number = owner.partition("-")
    return {name: int(number)}


def stored_exhibit(row: ExhibitRow) -> dict[str, Any]:
    """The exhibit as its form has it."""
    names = ("kind", "title_zh", "title_en", "text_zh", "text_en", "discipline", "stage", "looks_for")
    return {name: getattr(row, name) for name in names}


def _values(form: ExhibitForm) -> dict[str, Any]:
    names = ("kind", "title_zh", "title_en", "text_zh", "text_en", "discipline", "stage", "looks_for")
    values = {name: getattr(form, name) for name in names}
    return {**values, "search_key": keys.key(values), "updated_at": clock.now()}


async def add_exhibit(slug: str, form: ExhibitForm, owner: dict[str, int], *, by: Actor) -> int:
    """A draft of an exhibit; `owner` as of `owner_columns`. Raises NotFound, Conflict, Invalid."""
    async with db.transaction_or_join():
        event = await open_event(slug, by)
        ((column, number),) = owner.items()
        await hold(Lock.EXHIBITS, f"{event.id}:{column}:{number}")
        sql = (
            "SELECT count(*) FROM exhibit WHERE event = :event AND CASE :column WHEN 'talent' THEN talent"
            " WHEN 'organisation' THEN organisation ELSE bureau END = :number"
        )
        if await fetch_value(int, sql, event=event.id, column=column, number=number) >= rules.MOST_EXHIBITS:
            raise Conflict(TOO_MANY, code="too_many")
        values: dict[str, Any] = {**owner, **_values(form)}
        made = Exhibit(event=event.id, **values)
        await made.save()
        await _attach(made.id, form)
        await record("exhibit.add", "exhibit", made.id, by=by, after={"event": event.slug, "title": _title(form)})
        return int(made.id)


def _title(form: ExhibitForm) -> str:
    return form.title_zh or form.title_en


async def _attach(exhibit_id: int, form: ExhibitForm) -> None:
    """Keep the held files: a new poster replaces the former one."""
    if form.poster:
        poster = await attach(form.poster, Purpose.POSTER, field="poster")
        former = await fetch_value_or_none(UUID, "SELECT poster FROM exhibit WHERE id = :id", id=exhibit_id)
        await Exhibit.update(poster=poster).where(Exhibit.id == exhibit_id)
        await let_go(former)
    have = await fetch_value(int, "SELECT count(*) FROM exhibit_picture WHERE exhibit = :id", id=exhibit_id)
    for name in PICTURES:
        if token := getattr(form, name):
            have += 1
            if have > rules.MOST_PICTURES:
                raise Invalid(fields={name: [N_("At most %(number)s pictures", number=rules.MOST_PICTURES)]})
            picture = await attach(token, Purpose.EXHIBIT, field=name)
            sql = "INSERT INTO exhibit_picture (exhibit, picture) VALUES (:exhibit, :picture)"
            await execute(sql, exhibit=exhibit_id, picture=picture)


async def _own(exhibit_id: int, by: Actor) -> ExhibitRow:
    """An own exhibit, locked. Raises NotFound."""
    await queries.own_exhibit(by, exhibit_id)
    await execute("SELECT 1 FROM exhibit WHERE id = :id FOR UPDATE", id=exhibit_id)
    return await queries.own_exhibit(by, exhibit_id)


async def _own_open(exhibit_id: int, by: Actor) -> ExhibitRow:
    row = await _own(exhibit_id, by)
    if row.state not in rules.OPEN:
        raise Conflict(IN_USE, code="state")
    return row


async def save_exhibit(exhibit_id: int, form: ExhibitForm, *, seen: str, by: Actor) -> None:
    """Store a changed exhibit. Raises NotFound, Conflict, Outdated, Invalid."""
    async with db.transaction_or_join():
        row = await _own_open(exhibit_id, by)
        stored, values = stored_exhibit(row), _values(form)
        versions.require_current(form, stored, seen)
        await Exhibit.update(**values).where(Exhibit.id == exhibit_id)
        await _attach(exhibit_id, form)
        changed = sorted(name for name in stored if stored[name] != values[name])
        await record("exhibit.save", "exhibit", exhibit_id, by=by, after={"fields": changed})


async def remove_picture(exhibit_id: int, file_id: UUID, *, by: Actor) -> None:
    """Delete a picture or the poster. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        row = await _own_open(exhibit_id, by)
        if file_id == row.poster:
            await Exhibit.update(poster=None, updated_at=clock.now()).where(Exhibit.id == exhibit_id)
        else:
            sql = "DELETE FROM exhibit_picture WHERE exhibit = :exhibit AND picture = :picture"
            if not await execute(sql, exhibit=exhibit_id, picture=file_id):
                raise NotFound
        await let_go(file_id)
        await record("exhibit.picture", "exhibit", exhibit_id, by=by)


async def submit(exhibit_id: int, *, by: Actor) -> None:
    """Send it to who runs the event. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        row = await _own(exhibit_id, by)
        await open_event(row.event_slug, by)
        await step(row, "submit", by=by, submitted_at=clock.now())


async def take_back(exhibit_id: int, *, by: Actor) -> None:
    """It becomes a draft again, and leaves the gallery. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        await step(await _own(exhibit_id, by), "withdraw", by=by)


async def delete_exhibit(exhibit_id: int, *, by: Actor) -> None:
    """Delete what is not sent in, with its files. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        row = await _own_open(exhibit_id, by)
        files = [*await queries.pictures_of(exhibit_id), row.poster]
        await execute("DELETE FROM exhibit WHERE id = :id", id=exhibit_id)
        for file_id in files:
            await let_go(file_id)
        await record("exhibit.delete", "exhibit", exhibit_id, by=by, before={"title": row.title_zh or row.title_en})


async def step(row: ExhibitRow, act: str, *, by: Actor, reason: str = "", **values: Any) -> None:
    """A step of an exhibit. Raises Conflict in a state from which it does not lead, also when somebody was faster."""
    sources, target = rules.STEPS[act]
    changed: dict[str, Any] = {"state": target.value, "reason": reason, "updated_at": clock.now(), **values}
    done = (
        await Exhibit.update(**changed)
        .where(Exhibit.id == row.id, Exhibit.state.is_in([str(source) for source in sources]))
        .returning(Exhibit.id)
    )
    if not done:
        raise Conflict(DONE_ALREADY, code="state")
    after = {"state": target.value, **({"reason": reason} if reason else {})}
    await record("exhibit.step", "exhibit", row.id, by=by, before={"state": row.state.value}, after=after)


async def ask(slug: str, exhibit_id: int, form: RequestForm, *, by: Actor) -> None:
    """A visitor wants something of the exhibitor; asking again replaces it. Raises NotFound, Conflict for one's own."""
    async with db.transaction_or_join():
        event = await event_by_slug(slug, viewer=by)
        await queries.released_exhibit(event.id, exhibit_id)
        if exhibit_id in await own_ids(by):
            raise Conflict(N_("This exhibit is your own"), code="own")
        await execute(
            "INSERT INTO exhibit_request (exhibit, account, asks, message, contact, at) VALUES (:exhibit, :account, :asks,"
            " :message, :contact, :now) ON CONFLICT (exhibit, account) DO UPDATE SET asks = excluded.asks,"
            " message = excluded.message, contact = excluded.contact, at = excluded.at, done_at = NULL",
            exhibit=exhibit_id,
            account=by.account_id,
            asks=form.asks,
            message=form.message,
            contact=form.contact,
            now=clock.now(),
        )
        await record("exhibit.ask", "exhibit", exhibit_id, by=by, after={"contact": form.contact})


async def own_ids(by: Actor) -> set[int]:
    """Ids of the actor's own exhibits."""
    return {row.id for row in await queries.own_exhibits(by)}


async def unask(slug: str, exhibit_id: int, *, by: Actor) -> None:
    """Take back what one asked; the exhibitor sees it no longer. Raises NotFound."""
    async with db.transaction_or_join():
        event = await event_by_slug(slug, viewer=by)
        sql = (
            "DELETE FROM exhibit_request q USING exhibit x WHERE x.id = q.exhibit AND x.event = :event"
            " AND q.exhibit = :exhibit AND q.account = :account"
        )
        await execute(sql, event=event.id, exhibit=min(exhibit_id, queries.BIGGEST), account=by.account_id)
        await record("exhibit.unask", "event", event.id, by=by)


async def settle(exhibit_id: int, request_id: int, *, done: bool, by: Actor) -> None:
    """The exhibitor ticks off a request, or opens it again. Raises NotFound."""
    async with db.transaction_or_join():
        await _own(exhibit_id, by)
        found = await fetch_values(
            int,
            "UPDATE exhibit_request SET done_at = :at WHERE id = :id AND exhibit = :exhibit RETURNING id",
            id=min(request_id, queries.BIGGEST),
            exhibit=exhibit_id,
            at=clock.now() if done else None,
        )
        if not found:
            raise NotFound
        await record("exhibit.settle", "exhibit", exhibit_id, by=by, after={"done": done})
