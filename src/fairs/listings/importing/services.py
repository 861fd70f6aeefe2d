"""A table of listings: what it would do, and doing all of it or nothing."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from fairs.accounts.actor import Actor
from fairs.core import db
from fairs.core.cleaning import Unstorable, clean_text, code
from fairs.core.converting import UNSTORABLE
from fairs.core.errors import Conflict, Invalid
from fairs.core.forms import Bound, bind
from fairs.core.i18n import N_, gettext
from fairs.core.rows import Row, fetch_as
from fairs.core.sheet_words import Words
from fairs.events.rows import EventRow
from fairs.listings import queries, services
from fairs.listings.forms import FORMS, ListingForm
from fairs.listings.importing.columns import COLUMNS, KIND, OWN, REFERENCE, Table, cells, inputs, words
from fairs.listings.importing.workbook import as_text
from fairs.listings.rows import ListingRow
from fairs.listings.tables import Listing, ListingKind, ListingState

LONGEST = 40  # characters of an employer's own number
Change = Literal["new", "changed", "same"]


@dataclass(frozen=True)
class Planned:
    """A row that can be stored. `columns`: what changes; `form`: nothing where all stays as it is."""

    row: int
    change: Change
    reference: str
    form: ListingForm | None
    listing: ListingRow | None
    columns: tuple[str, ...] = ()

    @property
    def title_zh(self) -> str:
        return self._title("title_zh")

    @property
    def title_en(self) -> str:
        return self._title("title_en")

    def _title(self, name: str) -> str:
        source: Any = self.form or self.listing
        return str(getattr(source, name))


class _Drafted(Row, frozen=True):
    id: int


@dataclass
class Plan:
    """All rows of a table that can be stored."""

    rows: list[Planned] = field(default_factory=list)

    def of(self, change: Change) -> list[Planned]:
        return [row for row in self.rows if row.change == change]


async def own_listings(organisation_id: int, event_id: int) -> list[ListingRow]:
    """An employer's listings at a fair, in the order of their making."""
    select = queries.of_employer(organisation_id).where("l.event = :event", event=event_id)
    return await select.rows(ListingRow, order="l.id", size=10_000)


async def plan(table: Table, organisation_id: int, event: EventRow) -> Plan:
    """What the table would do; what is wrong is added to the errors of the table."""
    stored = await own_listings(organisation_id, event.id)
    by_reference = {row.reference.casefold(): row for row in stored if row.reference}
    by_id = {f"{OWN}{row.id}": row for row in stored}
    known, made, seen = words(), Plan(), dict[str, int]()
    for number, values in table.rows:
        reference, unstorable = _reference(values.get(REFERENCE, ""))
        found = by_id.get(reference) or by_reference.get(reference.casefold())
        wrong = unstorable or _wrong_reference(reference, found, seen, number)
        if wrong:
            table.errors.append((number, REFERENCE, wrong))
        if reference:
            seen[reference.casefold()] = number
        planned, errors = _planned(number, reference, values, found, known)
        table.errors += [(number, name, sentence) for name, sentence in errors]
        if planned is not None:
            made.rows.append(planned)
    table.errors.sort()
    return made


def _reference(text: str) -> tuple[str, str]:
    """(the number of a row, what is wrong with its characters)."""
    try:
        return code(clean_text(text)), ""
    except Unstorable:
        return "", str(UNSTORABLE)


def _wrong_reference(reference: str, found: ListingRow | None, seen: dict[str, int], row: int) -> str:
    if len(reference) > LONGEST:
        return gettext("At most %(limit)s characters", limit=LONGEST)
    if reference.startswith(OWN) and found is None:
        return gettext("You have no listing %(number)s at this fair; leave the cell empty to add one", number=reference)
    if reference and reference.casefold() in seen:
        return gettext("The same number is in row %(row)s", row=seen[reference.casefold()])
    return ""


def _planned(
    number: int, reference: str, values: dict[str, str], found: ListingRow | None, words: Words
) -> tuple[Planned | None, list[tuple[str, str]]]:
    before = {name: as_text(value) for name, value in cells(found).items()} if found else {}
    given = {name: text for name, text in values.items() if name != REFERENCE}
    if found and all(_plain(before[name]) == _plain(text) for name, text in given.items()):
        return Planned(number, "same", reference, None, found), []
    sent, wrong = inputs(before | given, words)
    kind = sent.pop(KIND, "") or ListingKind.PEOPLE
    if found and kind != found.kind:
        wrong.setdefault(KIND, gettext("A post cannot become a project, nor a project a post: leave the number empty"))
    if kind == ListingKind.PROJECT:
        sent.pop("headcount", None)
    for name in ("degree", "sponsors_permit", "headcount"):
        if not sent.get(name) and (name != "degree" or kind == ListingKind.PROJECT):
            sent.pop(name, None)
    form: Bound[Any] = bind(FORMS.get(kind, FORMS[ListingKind.PEOPLE]), sent)
    errors = [*wrong.items()]
    for name, messages in form.errors.items():
        if name not in wrong:
            errors += [("urgent_reason" if name == "urgent_asked" else name, str(message)) for message in messages]
    errors += [("", str(message)) for message in form.form_errors]
    if errors:
        return None, errors
    if found is None:
        return Planned(number, "new", reference, form.value, None), []
    changed = tuple(name for name in COLUMNS if name in given and _plain(before[name]) != _plain(given[name]))
    return Planned(number, "changed", reference, form.value, found, changed), []


def _plain(text: str) -> str:
    """Texts that differ in spaces and line ends only are the same."""
    with contextlib.suppress(Unstorable):  # the form refuses it
        text = clean_text(text)
    return " ".join(text.split())


async def store_all(
    made: Plan, organisation_id: int, event: EventRow, *, by: Actor, publish: bool
) -> tuple[int, list[tuple[int, str]]]:
    """Store every row in one transaction. How many listings were published, and why others were not: (row, sentence)."""
    ids: list[tuple[int, int]] = []
    async with db.transaction_or_join():
        for row in made.rows:
            if row.form is not None:
                ids.append((row.row, await _stored(row, organisation_id, event, by)))
    return await _published(ids, by) if publish else (0, [])


async def _stored(row: Planned, organisation_id: int, event: EventRow, by: Actor) -> int:
    assert row.form is not None
    if row.listing is not None:
        await services.update_listing(row.listing.id, row.form, by=by)
        return row.listing.id
    listing_id = await services.create_listing(row.form, organisation_id=organisation_id, event_id=event.id, by=by)
    if row.reference:
        taken = Conflict(N_("Your number %(number)s was used in another tab meanwhile.", number=row.reference))
        with db.constraint_errors({"uq_listing_reference": taken}):
            await Listing.update(reference=row.reference).where(Listing.id == listing_id)
    return listing_id


async def _published(ids: Sequence[tuple[int, int]], by: Actor) -> tuple[int, list[tuple[int, str]]]:
    drafts = {
        row.id
        for row in await fetch_as(
            _Drafted,
            "SELECT id FROM listing WHERE id = ANY(:ids::bigint[]) AND state = :draft",
            ids=[listing_id for _, listing_id in ids],
            draft=ListingState.DRAFT.value,
        )
    }
    number, refused = 0, []
    for row, listing_id in ids:
        if listing_id in drafts:
            try:
                await services.publish_listing(listing_id, by=by)
            except (Conflict, Invalid) as why:
                refused.append((row, str(why.message)))
            else:
                number += 1
    return number, refused
