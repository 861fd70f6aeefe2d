"""Write listings: draft, publish, change, close, reopen."""

from typing import Any

from msgspec.structs import asdict

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, events_bus, jobs, versions
from fairs.core.errors import Conflict, NotFound
from fairs.core.i18n import N_
from fairs.core.pubsub import publish
from fairs.events import queries as events
from fairs.events.rules import Act, allows
from fairs.listings import compliance, keys, queries, rules
from fairs.listings.domain_events import ListingClosed, ListingPublished
from fairs.listings.forms import ListingForm, UrgentForm
from fairs.listings.rows import ListingRow
from fairs.listings.tables import Listing, ListingState, UrgentAnswer
from fairs.organisations import queries as organisations
from fairs.organisations.tables import OrganisationState

ENCODE = "matching.encode_listing"
NOT_APPROVED = N_(
    "Your organisation is not approved yet. The draft is kept: publish it when your bureau has approved you."
)
NOT_OPEN = N_("This fair takes no listings at the moment. The listing is kept as it is.")
OVER = N_("Its last day is past. Set a later day under “Open until”, then publish it.")


async def create_listing(
    form: ListingForm, *, organisation_id: int, event_id: int, by: Actor, demo: bool = False
) -> int:
    """A draft for an employer of the actor, at an event; returns its id."""
    async with db.transaction_or_join():
        organisation = await organisations.organisation_for(by, organisation_id)
        if not (by.sees_everything or organisation_id in by.organisation_ids):
            raise NotFound
        event = await events.event_by_id(event_id)
        if not allows(event.state, Act.OFFER):
            raise Conflict(NOT_OPEN)
        now = clock.now()
        values = _values(form) | {
            "organisation": organisation.id,
            "event": event.id,
            "kind": form.KIND,
            "demo": demo,
            "created_at": now,
            "updated_at": now,
        }
        listing = Listing(**values)
        await listing.save()
        after = {"kind": form.KIND, "title_zh": form.title_zh, "organisation": organisation_id}
        await record("listing.create", "listing", listing.id, by=by, after=after)
    return listing.id


async def update_listing(listing_id: int, form: ListingForm, *, by: Actor, seen: str = "") -> None:
    """Change a listing; its state stays. A published one is encoded again for suggestions.

    Raises Outdated when it was changed since the version `seen`.
    """
    async with db.transaction_or_join():
        row = await _locked(listing_id, by)
        if row.kind != form.KIND:
            raise NotFound
        versions.require_current(form, asdict(row), seen)
        values = _values(form) | _urgent(form, row)
        changed = sorted(
            name for name, value in values.items() if getattr(row, name, value) != value and name != "search_key"
        )
        await Listing.update(**values, updated_at=clock.now()).where(Listing.id == listing_id)
        await record("listing.save", "listing", listing_id, by=by, after={"changed": changed})
        if row.state == ListingState.PUBLISHED:
            await _changed(row)


async def publish_listing(listing_id: int, *, by: Actor) -> None:
    """Publish a draft, or a closed listing again. Raises Conflict when the employer, the fair or the day forbids it."""
    async with db.transaction_or_join():
        row = await _locked(listing_id, by)
        if row.state == ListingState.PUBLISHED:
            return
        if row.organisation_state != OrganisationState.APPROVED:
            raise Conflict(NOT_APPROVED)
        if not allows(row.event_state, Act.OFFER):
            raise Conflict(NOT_OPEN)
        if rules.is_over(row.valid_to, queries.today()):
            raise Conflict(OVER)
        texts = ("title_zh", "title_en", "description_zh", "description_en", "urgent_reason")
        refusal = compliance.refuse("\n".join(getattr(row, name) for name in texts))
        if refusal:
            raise Conflict(refusal)
        await _become(row, ListingState.PUBLISHED, by=by)


async def close_listing(listing_id: int, *, by: Actor) -> None:
    """Close a published listing; it may be published again. Raises Conflict for a draft."""
    async with db.transaction_or_join():
        row = await _locked(listing_id, by)
        if row.state == ListingState.DRAFT:
            raise Conflict(N_("This listing was never published."))
        if row.state == ListingState.PUBLISHED:
            await _become(row, ListingState.CLOSED, by=by)


async def _become(row: ListingRow, state: ListingState, *, by: Actor) -> None:
    now = clock.now()
    step: dict[str, Any] = {"state": state, "updated_at": now}
    if state == ListingState.PUBLISHED and row.published_at is None:
        step["published_at"] = now
    await Listing.update(**step).where(Listing.id == row.id)
    await record(
        f"listing.{'publish' if state == ListingState.PUBLISHED else 'close'}",
        "listing",
        row.id,
        by=by,
        before={"state": row.state},
        after={"state": state.value},
    )
    if state == ListingState.PUBLISHED:
        await events_bus.publish(ListingPublished(row.id, row.organisation, row.event))
    else:
        await events_bus.publish(ListingClosed(row.id, row.event))
    await _changed(row)


async def _locked(listing_id: int, by: Actor) -> ListingRow:
    """The listing, if the actor may change it, with its row locked against concurrent changes."""
    await queries.own_listing(by, listing_id)
    await Listing.select(Listing.id).where(Listing.id == listing_id).lock_rows("UPDATE")
    return await queries.own_listing(by, listing_id)


async def _changed(row: ListingRow) -> None:
    """Update suggestions and live numbers. The job key contains the time: no change is lost during a running job."""
    key = f"encode-listing:{row.id}:{clock.now().timestamp()}"
    await jobs.enqueue(ENCODE, {"listing": row.id}, key=key)
    await publish(f"event:{row.event}", {"what": "listing"})


def _urgent(form: ListingForm, row: ListingRow) -> dict[str, Any]:
    """The province's answer stays while the employer asks for the same reason; another reason asks anew, none ends it."""
    undecided: dict[str, Any] = {"urgent": False, "urgent_note": "", "urgent_by": None, "urgent_at": None}
    if not form.urgent_asked:
        return undecided
    return {} if row.urgent or form.urgent_reason == row.urgent_reason else undecided


async def decide_urgent(listing_id: int, form: UrgentForm, *, by: Actor) -> None:
    """The province marks a listing as urgent and scarce, or does not, with a reason; it may decide anew.

    Raises NotFound for all but the province, Conflict when the employer does not ask for it.
    """
    if not by.sees_everything:
        raise NotFound
    async with db.transaction_or_join():
        row = await _locked(listing_id, by)
        if not row.urgent_asked:
            raise Conflict(N_("The employer does not ask for it any more."))
        granted, now = form.decision == UrgentAnswer.GRANT, clock.now()
        answer: dict[str, Any] = {
            "urgent": granted,
            "urgent_note": form.note,
            "urgent_by": by.account_id,
            "urgent_at": now,
            "updated_at": now,
        }
        await Listing.update(**answer).where(Listing.id == listing_id)
        before, after = {"urgent": row.urgent}, {"urgent": granted, "note": form.note}
        await record("listing.urgent", "listing", listing_id, by=by, before=before, after=after)
        await _changed(row)


def _values(form: ListingForm) -> dict[str, Any]:
    """Columns as stored, with a search key in both languages and pinyin."""
    kept = (
        "title_zh title_en description_zh description_en discipline degree engagement city languages headcount"
        " pay_min pay_max sponsors_permit start_by valid_to urgent_asked"
    )
    values: dict[str, Any] = {name: getattr(form, name) for name in kept.split()}
    values["urgent_reason"] = form.urgent_reason if form.urgent_asked else ""
    return values | {"search_key": keys.key(values)}
