"""以此届为模板: a new draft made from an edition, its parts moved by whole days; never its people. Undone until published."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from fairs.accounts.actor import Actor
from fairs.audit.services import record, record_all
from fairs.core import clock, db, events_bus
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_as, fetch_value, fetch_values
from fairs.events import page_cache, queries, rules, services
from fairs.events.domain_events import EventCloned
from fairs.events.forms import CloneForm
from fairs.events.rows import Branch, ClonedEvent, EventRow, GateRow, ProgrammeSession, RoomRow
from fairs.events.tables import EventState

WEEK = timedelta(days=7)
YEAR = re.compile(r"-(?:19|20)\d\d$")
HAS_PEOPLE = N_("Somebody uses this draft already (registrations, listings, scanners or staff): it is kept")
OF_OTHERS = (  # foreign keys of higher modules that keep an event
    "registration_event_fkey",
    "listing_event_fkey",
    "agreement_event_fkey",
    "meeting_event_fkey",
    "scan_gate_fkey",
)
_SHIFTED = "(({0} AT TIME ZONE e.timezone) + make_interval(days => :days)) AT TIME ZONE e.timezone"
_TREE = """
WITH RECURSIVE tree AS (
    SELECT id, parent, slug, 0 AS depth FROM event WHERE id = :root
    UNION ALL SELECT e.id, e.parent, e.slug, tree.depth + 1 FROM event e JOIN tree ON e.parent = tree.id
) SELECT id, parent, slug, depth FROM tree ORDER BY depth, id
"""
_EVENTS = f"""
INSERT INTO event (slug, kind, state, parent, unit, family, title_zh, title_en, summary_zh, summary_en, place_zh, place_en, timezone,
    starts_at, ends_at, capacity, registration_opens_at, registration_closes_at, sessions_until, waiting_list, offer_hours, own_categories,
    groups_from, companions, companion_categories, forms_above,
    contact_name, contact_phone, contact_email, template, demo, created_at, updated_at)
SELECT m.slug, e.kind, 'draft', CASE WHEN e.id = :root THEN e.parent END, e.unit, e.family,
    CASE WHEN e.id = :root THEN :title_zh ELSE e.title_zh END, CASE WHEN e.id = :root THEN :title_en ELSE e.title_en END,
    e.summary_zh, e.summary_en, e.place_zh, e.place_en, e.timezone, {_SHIFTED.format("e.starts_at")},
    {_SHIFTED.format("e.ends_at")}, e.capacity, {_SHIFTED.format("e.registration_opens_at")},
    {_SHIFTED.format("e.registration_closes_at")}, {_SHIFTED.format("e.sessions_until")}, e.waiting_list, e.offer_hours, e.own_categories,
    e.groups_from, e.companions, e.companion_categories, e.forms_above,
    e.contact_name, e.contact_phone, e.contact_email, e.id, false, :now, :now
FROM unnest(:old::bigint[], :slugs::text[]) AS m (old, slug) JOIN event e ON e.id = m.old
RETURNING id, template
"""  # noqa: S608 - constants of this file
_PAIRS = "unnest(:old::bigint[], :new::bigint[]) AS m (old, new)"
_PARENTS = f"""
UPDATE event c SET parent = up.new FROM {_PAIRS} JOIN event e ON e.id = m.old
JOIN unnest(:old::bigint[], :new::bigint[]) AS up (old, new) ON up.old = e.parent WHERE c.id = m.new
"""  # noqa: S608 - constants of this file
_ROOMS = f"""
INSERT INTO room (event, code, name_zh, name_en, capacity)
SELECT m.new, r.code, r.name_zh, r.name_en, r.capacity FROM {_PAIRS} JOIN room r ON r.event = m.old ORDER BY r.id
"""  # noqa: S608 - constants of this file
_SESSIONS = f"""
INSERT INTO event_session (event, unit, room, code, kind, title_zh, title_en, starts_at, ends_at, capacity, sign_up,
    changes_until)
SELECT m.new, s.unit, n.id, s.code, s.kind, s.title_zh, s.title_en, {_SHIFTED.format("s.starts_at")},
    {_SHIFTED.format("s.ends_at")}, s.capacity, s.sign_up, {_SHIFTED.format("s.changes_until")}
FROM {_PAIRS} JOIN event e ON e.id = m.old JOIN event_session s ON s.event = m.old AND s.cancelled_at IS NULL
LEFT JOIN room r ON r.id = s.room LEFT JOIN room n ON n.event = m.new AND n.code = r.code ORDER BY s.id
"""  # noqa: S608 - constants of this file
_SPEAKERS = f"""
INSERT INTO speaker (event, code, name_zh, name_en, affiliation_zh, affiliation_en, bio_zh, bio_en, picture)
SELECT m.new, p.code, p.name_zh, p.name_en, p.affiliation_zh, p.affiliation_en, p.bio_zh, p.bio_en, p.picture
FROM {_PAIRS} JOIN speaker p ON p.event = m.old ORDER BY p.id
"""  # noqa: S608 - constants of this file
_TALKS = f"""
INSERT INTO session_speaker (session, speaker, position, role)
SELECT ns.id, np.id, t.position, t.role FROM {_PAIRS} JOIN event_session s ON s.event = m.old
JOIN session_speaker t ON t.session = s.id JOIN speaker p ON p.id = t.speaker
JOIN event_session ns ON ns.event = m.new AND ns.code = s.code JOIN speaker np ON np.event = m.new AND np.code = p.code
ORDER BY t.id
"""  # noqa: S608 - constants of this file
# A gate of a session that is not copied would guard nothing: it is left out.
_GATES = f"""
INSERT INTO gate (event, session, room, code, kind, name_zh, name_en, opens_at, closes_at, categories, capacity, rule, ways, may_force,
    offline_names, show_photo)
SELECT m.new, ns.id, n.id, g.code, g.kind, g.name_zh, g.name_en, {_SHIFTED.format("g.opens_at")},
    {_SHIFTED.format("g.closes_at")}, g.categories, g.capacity, g.rule, g.ways, g.may_force, g.offline_names, g.show_photo
FROM {_PAIRS} JOIN event e ON e.id = m.old JOIN gate g ON g.event = m.old AND g.inactive_since IS NULL
LEFT JOIN event_session s ON s.id = g.session LEFT JOIN event_session ns ON ns.event = m.new AND ns.code = s.code
LEFT JOIN room r ON r.id = g.room LEFT JOIN room n ON n.event = m.new AND n.code = r.code
WHERE g.session IS NULL OR ns.id IS NOT NULL ORDER BY g.id
"""  # noqa: S608 - constants of this file


@dataclass(frozen=True)
class Shifted:
    """A thing with its days before and after."""

    zh: str
    en: str
    before: tuple[datetime, datetime]
    after: tuple[datetime, datetime]
    slug: str = ""


@dataclass(frozen=True)
class Plan:
    """What the copy will be: the events with their new addresses, the sessions on their new days, the numbers of the rest."""

    days: int
    events: Sequence[Shifted]
    sessions: Sequence[Shifted]
    rooms: Sequence[RoomRow]
    gates: Sequence[GateRow]

    @property
    def keeps_weekdays(self) -> bool:
        return self.days % 7 == 0


def first_day(event: EventRow) -> date:
    """The first day of an event in its own zone."""
    return event.starts_at.astimezone(ZoneInfo(event.timezone)).date()


def usual_day(event: EventRow, today: date) -> date:
    """A year later on the same weekday, and later still when that is over."""
    day = first_day(event) + 52 * WEEK
    while day <= today:
        day += 52 * WEEK
    return day


def moved(moment: datetime, days: int, zone: str) -> datetime:
    """The same hour on the clock of the place, so many days later."""
    local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) + timedelta(days=days)
    return local.replace(tzinfo=ZoneInfo(zone))


def slug_of_part(part: str, old: str, new: str) -> str:
    """The address of a copied part: `fair-2026-city` of `fair-2026` becomes `fair-2027-city`, `tour-2026` `fair-2027-tour`."""
    rest = part.removeprefix(f"{old}-") if part.startswith(f"{old}-") else YEAR.sub("", part)
    return f"{new}-{rest}"[: rules.SLUG_MAX].rstrip("-")


async def _tree(event: EventRow, form: CloneForm) -> list[Branch]:
    tree = await fetch_as(Branch, _TREE, root=event.id)
    return tree if form.parts else tree[:1]


async def _slugs(tree: Sequence[Branch], form: CloneForm) -> list[str]:
    """An address for each; one that is taken gets a number."""
    wanted = [form.slug, *(slug_of_part(part.slug, tree[0].slug, form.slug) for part in tree[1:])]
    taken = set(await fetch_values(str, "SELECT slug FROM event WHERE slug LIKE :begin || '%'", begin=form.slug))
    if form.slug in taken:
        raise Conflict(services.SLUG_TAKEN, code="slug_taken")
    found: list[str] = []
    for slug in wanted:
        number, free = 1, slug
        while free in taken or free in found:
            number += 1
            free = f"{slug[: rules.SLUG_MAX - 4].rstrip('-')}-{number}"
        found.append(free)
    return found


async def plan_of(event: EventRow, form: CloneForm) -> Plan:
    """What `clone` would make. Raises Conflict when the address is taken, Invalid when nothing would move."""
    days = _days(event, form)
    tree = await _tree(event, form)
    slugs = await _slugs(tree, form)
    events, sessions = [], []
    for branch, slug in zip(tree, slugs, strict=True):
        row = event if branch.id == event.id else await queries.event_by_id(branch.id)
        zh, en = (form.title_zh, form.title_en) if branch.id == event.id else (row.title_zh, row.title_en)
        events.append(_shifted(zh, en, row, days, row.timezone, slug))
        if form.programme:
            found: Sequence[ProgrammeSession] = await queries.sessions_of(row.id)
            sessions += [_shifted(item.title_zh, item.title_en, item, days, row.timezone) for item in found]
    rooms = [room for branch in tree for room in await queries.rooms_of(branch.id)] if form.rooms else []
    gates = [gate for branch in tree for gate in await queries.gates_of(branch.id)] if form.gates else []
    kept = [gate for gate in gates if gate.inactive_since is None and (form.programme or gate.session is None)]
    return Plan(days, events, sessions, rooms, kept)


def _shifted(zh: str, en: str, row: EventRow | ProgrammeSession, days: int, zone: str, slug: str = "") -> Shifted:
    after = (moved(row.starts_at, days, zone), moved(row.ends_at, days, zone))
    return Shifted(zh, en, (row.starts_at, row.ends_at), after, slug)


def _days(event: EventRow, form: CloneForm) -> int:
    days = (form.starts_on - first_day(event)).days
    if days == 0:
        raise Invalid(fields={"starts_on": [N_("This is the day of the edition itself")]})
    if not rules.is_plausible(moved(event.ends_at, days, event.timezone)):
        raise Invalid(fields={"starts_on": [N_("The year cannot be right")]})
    return days


async def clone(slug: str, form: CloneForm, *, by: Actor) -> str:
    """The slug of the new draft. Raises NotFound, Conflict and Invalid; everything is made, or nothing."""
    async with db.transaction_or_join():
        event = await services.locked_province_event(slug, by)
        days = _days(event, form)
        tree = await _tree(event, form)
        slugs = await _slugs(tree, form)
        old = [branch.id for branch in tree]
        with db.constraint_errors({"event_slug_key": Conflict(services.SLUG_TAKEN, code="slug_taken")}):
            made = await fetch_as(
                ClonedEvent,
                _EVENTS,
                root=event.id,
                title_zh=form.title_zh,
                title_en=form.title_en,
                days=days,
                now=clock.now(),
                old=old,
                slugs=slugs,
            )
        pairs = {row.template: row.id for row in made}
        both = {"old": old, "new": [pairs[number] for number in old]}
        await execute(_PARENTS, **both)
        if form.rooms:
            await execute(_ROOMS, **both)
        if form.programme:
            await execute(_SESSIONS, **both, days=days)
            await execute(_SPEAKERS, **both)
            await execute(_TALKS, **both)
        if form.gates:
            await execute(_GATES, **both, days=days)
        await events_bus.publish(EventCloned(pairs, days, tables=form.tables, mails=form.mails))
        chosen = {name: getattr(form, name) for name in ("rooms", "gates", "programme", "parts", "tables")}
        await record(
            "event.clone", "event", pairs[event.id], by=by, after={"template": event.slug, "days": days, **chosen}
        )
        parts = [(pairs[number], {"slug": name, "template": number}) for number, name in zip(old, slugs, strict=True)]
        await record_all("event.create", "event", parts, by=by)
    return form.slug


async def undo_clone(slug: str, *, by: Actor) -> str:
    """Delete a copied draft with its copied parts; returns the slug of its template. Raises NotFound and Conflict."""
    async with db.transaction_or_join():
        event = await services.locked_province_event(slug, by)
        if event.template is None or event.state != EventState.DRAFT:
            raise Conflict(N_("Only a copy that was never published can be undone"))
        tree = [branch.id for branch in await fetch_as(Branch, _TREE, root=event.id)]
        await _require_unused(tree)
        with db.constraint_errors({name: Conflict(HAS_PEOPLE, code="has_people") for name in OF_OTHERS}):
            await execute("DELETE FROM event WHERE id = ANY(:tree::bigint[])", tree=tree)
        await record("event.undo_clone", "event", event.id, by=by, before={"slug": slug, "events": len(tree)})
        template = await queries.event_by_id(event.template)
    page_cache.forget()
    return template.slug


async def _require_unused(tree: Sequence[int]) -> None:
    """Nothing below was published or made by hand, and nobody was given a right or a scanner: those rows would go with it."""
    others = await fetch_value(
        int,
        "SELECT count(*) FROM event WHERE id = ANY(:tree::bigint[]) AND (state <> 'draft' OR template IS NULL)",
        tree=tree,
    )
    if others:
        raise Conflict(N_("A part of this draft was published, or added by hand: remove or move it first"))
    used = await fetch_value(
        int,
        "SELECT (SELECT count(*) FROM membership WHERE event_id = ANY(:tree::bigint[]))"
        " + (SELECT count(*) FROM access_token WHERE event_id = ANY(:tree::bigint[]))",
        tree=tree,
    )
    if used:
        raise Conflict(HAS_PEOPLE, code="has_people")
