"""What the objects of the audit log are called, and where their pages are."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote

from fairs.audit.rows import Entry
from fairs.core.rows import Row, fetch_as
from fairs.web.templating import AnyRequest, reverse

Object = tuple[str, str]  # kind and id


class RecordName(Row, frozen=True):
    """An object's name in both languages, and what its page's address is made of."""

    id: str
    name_zh: str
    name_en: str
    first: str
    second: str


_SQL: Mapping[str, str] = {
    "access_token": "SELECT id::text, name AS name_zh, name AS name_en, '' AS first, '' AS second FROM access_token"
    " WHERE id = ANY(:ids)",
    "account": "SELECT id::text, name AS name_zh, name AS name_en, '' AS first, '' AS second FROM account"
    " WHERE id = ANY(:ids)",
    "agreement": "SELECT id::text, number AS name_zh, number AS name_en, number AS first, '' AS second FROM agreement"
    " WHERE id = ANY(:ids)",
    "badge_batch": "SELECT b.id::text, b.id::text AS name_zh, b.id::text AS name_en, e.slug AS first, '' AS second FROM badge_batch b"
    " JOIN event e ON e.id = b.event WHERE b.id = ANY(:ids)",
    "desk_printer": "SELECT p.id::text, p.name AS name_zh, p.name AS name_en, e.slug AS first, '' AS second FROM desk_printer p"
    " JOIN event e ON e.id = p.event WHERE p.id = ANY(:ids)",
    "badge_design": "SELECT d.id::text, d.name AS name_zh, d.name AS name_en, e.slug AS first, '' AS second FROM badge_design d"
    " JOIN event e ON e.id = d.event WHERE d.id = ANY(:ids)",
    "badge_key": "SELECT number::text AS id, number::text AS name_zh, number::text AS name_en, '' AS first, '' AS second"
    " FROM badge_key WHERE number = ANY(:ids)",
    "event": "SELECT id::text, title_zh AS name_zh, title_en AS name_en, slug AS first, '' AS second FROM event"
    " WHERE id = ANY(:ids)",
    "gate": "SELECT g.id::text, g.name_zh, g.name_en, e.slug AS first, '' AS second FROM gate g"
    " JOIN event e ON e.id = g.event WHERE g.id = ANY(:ids)",
    "listing": "SELECT id::text, title_zh AS name_zh, title_en AS name_en, id::text AS first, '' AS second FROM listing"
    " WHERE id = ANY(:ids)",
    "meeting": "SELECT m.id::text, concat_ws(' · ', coalesce(nullif(t.name_native, ''), t.name_passport), o.name_zh)"
    " AS name_zh, concat_ws(' · ', t.name_passport, coalesce(nullif(o.name_en, ''), o.name_zh)) AS name_en,"
    " e.slug AS first, '' AS second FROM meeting m JOIN talent t ON t.id = m.talent"
    " JOIN organisation o ON o.id = m.organisation JOIN event e ON e.id = m.event WHERE m.id = ANY(:ids)",
    "organisation": "SELECT id::text, name_zh, name_en, id::text AS first, '' AS second FROM organisation"
    " WHERE id = ANY(:ids)",
    "access_code": "SELECT c.id::text, c.name AS name_zh, c.name AS name_en, e.slug AS first, c.id::text AS second FROM access_code c"
    " JOIN event e ON e.id = c.event WHERE c.id = ANY(:ids)",
    "place_pool": "SELECT p.id::text, p.name_zh, p.name_en, e.slug AS first, p.id::text AS second FROM place_pool p"
    " JOIN event e ON e.id = p.event WHERE p.id = ANY(:ids)",
    "registration": "SELECT r.id::text, r.number || ' ' || coalesce(nullif(r.name_native, ''), r.name_passport) AS name_zh,"
    " r.number || ' ' || r.name_passport AS name_en, e.slug AS first, r.number AS second FROM registration r"
    " JOIN event e ON e.id = r.event WHERE r.id = ANY(:ids)",
    "registration_form": "SELECT f.id::text, e.title_zh AS name_zh, e.title_en AS name_en, e.slug AS first, f.id::text AS second"
    " FROM registration_form f JOIN event e ON e.id = f.event WHERE f.id = ANY(:ids)",
    "room": "SELECT r.id::text, r.name_zh, r.name_en, e.slug AS first, '' AS second FROM room r"
    " JOIN event e ON e.id = r.event WHERE r.id = ANY(:ids)",
    "schedule_run": "SELECT s.id::text, e.title_zh AS name_zh, e.title_en AS name_en, e.slug AS first, '' AS second"
    " FROM schedule_run s JOIN event e ON e.id = s.event WHERE s.id = ANY(:ids)",
    "session": "SELECT s.id::text, s.title_zh AS name_zh, s.title_en AS name_en, e.slug AS first, s.code AS second"
    " FROM event_session s JOIN event e ON e.id = s.event WHERE s.id = ANY(:ids)",
    "talent": "SELECT id::text, coalesce(nullif(name_native, ''), name_passport) AS name_zh, name_passport AS name_en,"
    " id::text AS first, '' AS second FROM talent WHERE id = ANY(:ids)",
    "webhook": "SELECT id::text, name AS name_zh, name AS name_en, id::text AS first, CASE WHEN ended_at IS NULL THEN ''"
    " ELSE 'ended' END AS second FROM webhook WHERE id = ANY(:ids)",
}


async def names_of(objects: Iterable[Object]) -> dict[Object, RecordName]:
    """Names of the objects that still exist: one statement for each kind."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for kind, key in objects:
        if key.isascii() and key.isdigit() and len(key) < 19:
            wanted[kind].add(int(key))
    found: dict[Object, RecordName] = {}
    for kind, ids in wanted.items():
        if kind in _SQL:
            rows = await fetch_as(RecordName, _SQL[kind], ids=sorted(ids))
            found |= {(kind, row.id): row for row in rows}
    return found


async def names_for(entries: Iterable[Entry]) -> dict[Object, RecordName]:
    """Names of the objects of some entries."""
    return await names_of({(entry.object_kind, entry.object_id) for entry in entries})


_PAGES: Mapping[str, Callable[[AnyRequest, RecordName], str]] = {
    "agreement": lambda request, row: reverse(request, "agreement", number=row.first),
    "event": lambda request, row: reverse(request, "edition", slug=row.first),
    "badge_batch": lambda request, row: reverse(request, "badge_batches", slug=row.first),
    "desk_printer": lambda request, row: reverse(request, "printers", slug=row.first),
    "badge_design": lambda request, row: reverse(request, "badge_designs", slug=row.first),
    "gate": lambda request, row: reverse(request, "edition", slug=row.first),
    "listing": lambda request, row: reverse(request, "listing_page", listing_id=int(row.first)),
    "meeting": lambda request, row: reverse(request, "hall", slug=row.first),
    "organisation": lambda request, row: reverse(request, "bureau_organisation", organisation_id=int(row.first)),
    "access_code": lambda request, row: reverse(request, "access_code", slug=row.first, code_id=int(row.second)),
    "place_pool": lambda request, row: reverse(request, "edit_pool", slug=row.first, pool_id=int(row.second)),
    "registration": lambda request, row: (
        f"{reverse(request, 'event_registrations', slug=row.first)}?q={quote(row.second)}"
    ),
    "registration_form": lambda request, row: reverse(
        request, "registration_form", slug=row.first, form_id=int(row.second)
    ),
    "room": lambda request, row: reverse(request, "edition", slug=row.first),
    "schedule_run": lambda request, row: reverse(request, "hall", slug=row.first),
    "session": lambda request, row: reverse(request, "edit_session", slug=row.first, code=row.second),
    "talent": lambda request, row: reverse(request, "talent_page", talent_id=int(row.first)),
    "webhook": lambda request, row: "" if row.second else reverse(request, "webhook", webhook_id=int(row.first)),
}


def page_of(request: AnyRequest, kind: str, row: RecordName) -> str:
    """The address of an object's page; empty text when it has none."""
    page = _PAGES.get(kind)
    return page(request, row) if page else ""
