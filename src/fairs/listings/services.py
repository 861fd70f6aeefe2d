"""Writing listings: draft, publish, change, close, open again."""

from typing import Any

import asyncpg

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, jobs, versions
from fairs.core.errors import Conflict, NotFound
from fairs.core.i18n import N_
from fairs.core.pubsub import publish
from fairs.events import queries as events
from fairs.listings import compliance, keys, queries, rules
from fairs.listings.forms import ListingForm
from fairs.listings.tables import ListingState
from fairs.organisations import queries as organisations

ENCODE = "matching.encode_listing"
NOT_APPROVED = N_(
    "Your organisation is not approved yet. The draft is kept: publish it when your bureau has approved you."
)
NOT_OPEN = N_("This fair takes no listings at the moment. The listing is kept as it is.")
OVER = N_("Its last day is past. Set a later day under “Open until”, then publish it.")


async def create_listing(
    form: ListingForm, *, organisation_id: int, event_id: int, by: Actor, demo: bool = False
) -> int:
    """A draft of an employer that the actor acts for, at an event; its id."""
    async with db.transaction_or_join():
        organisation = await organisations.organisation_for(by, organisation_id)
        if not (by.sees_everything or organisation_id in by.organisation_ids):
            raise NotFound
        event = await events.event_by_id(event_id)
        if event["state"] == "closed":
            raise Conflict(NOT_OPEN)
        now = clock.now()
        values = _values(form) | {
            "organisation": organisation["id"],
            "event": event["id"],
            "kind": form.KIND,
            "demo": demo,
            "created_at": now,
            "updated_at": now,
        }
        marks = ", ".join(f"${at}" for at in range(1, len(values) + 1))
        listing_id = await db.fetchval(
            f"INSERT INTO listing ({', '.join(values)}) VALUES ({marks}) RETURNING id",  # noqa: S608 - our column names; values are arguments
            *values.values(),
        )
        after = {"kind": form.KIND, "title_zh": form.title_zh, "organisation": organisation_id}
        await record("listing.create", "listing", listing_id, by=by, after=after)
    return int(listing_id)


async def update_listing(listing_id: int, form: ListingForm, *, by: Actor, seen: str = "") -> None:
    """Change a listing; its state stays. A published one is encoded anew for suggestions.

    Raises Outdated when it was changed since the version `seen`.
    """
    async with db.transaction_or_join():
        row = await _locked(listing_id, by)
        if row["kind"] != form.KIND:
            raise NotFound
        versions.require_current(form, dict(row), seen)
        values = _values(form)
        changed = sorted(name for name, value in values.items() if row[name] != value and name != "search_key")
        names = ", ".join(f"{name} = ${at}" for at, name in enumerate(values, start=3))
        await db.execute(
            f"UPDATE listing SET updated_at = $2, {names} WHERE id = $1",  # noqa: S608 - our column names; values are arguments
            listing_id,
            clock.now(),
            *values.values(),
        )
        await record("listing.save", "listing", listing_id, by=by, after={"changed": changed})
        if row["state"] == ListingState.PUBLISHED:
            await _changed(row)


async def publish_listing(listing_id: int, *, by: Actor) -> None:
    """Show a draft, or a closed listing again. Raises Conflict when the employer, the fair or the day forbids it."""
    async with db.transaction_or_join():
        row = await _locked(listing_id, by)
        if row["state"] == ListingState.PUBLISHED:
            return
        if row["organisation_state"] != "approved":
            raise Conflict(NOT_APPROVED)
        if row["event_state"] == "closed":
            raise Conflict(NOT_OPEN)
        if rules.is_over(row["valid_to"], queries.today()):
            raise Conflict(OVER)
        texts = ("title_zh", "title_en", "description_zh", "description_en", "urgent_reason")
        refusal = compliance.refuse("\n".join(row[name] for name in texts))
        if refusal:
            raise Conflict(refusal)
        await _become(row, ListingState.PUBLISHED, by=by)


async def close_listing(listing_id: int, *, by: Actor) -> None:
    """Take a published listing off the list; it may be published again. Raises Conflict for a draft."""
    async with db.transaction_or_join():
        row = await _locked(listing_id, by)
        if row["state"] == ListingState.DRAFT:
            raise Conflict(N_("This listing was never published."))
        if row["state"] == ListingState.PUBLISHED:
            await _become(row, ListingState.CLOSED, by=by)


async def _become(row: asyncpg.Record, state: ListingState, *, by: Actor) -> None:
    now = clock.now()
    await db.execute(
        "UPDATE listing SET state = $2::text, updated_at = $3, published_at = CASE WHEN $2::text = 'published' THEN"
        " coalesce(published_at, $3) ELSE published_at END WHERE id = $1",
        row["id"],
        state.value,
        now,
    )
    await record(
        f"listing.{'publish' if state == ListingState.PUBLISHED else 'close'}",
        "listing",
        row["id"],
        by=by,
        before={"state": row["state"]},
        after={"state": state.value},
    )
    await _changed(row)


async def _locked(listing_id: int, by: Actor) -> asyncpg.Record:
    """The listing, if the actor may change it, with its row locked against a second change at once."""
    await queries.own_listing(by, listing_id)
    await db.execute("SELECT 1 FROM listing WHERE id = $1 FOR UPDATE", listing_id)
    return await queries.own_listing(by, listing_id)


async def _changed(row: asyncpg.Record) -> None:
    """Suggestions are computed anew, live numbers move. The key holds the moment: no change is lost to a running job."""
    key = f"encode-listing:{row['id']}:{clock.now().timestamp()}"
    await jobs.enqueue(ENCODE, {"listing": row["id"]}, key=key)
    await publish(f"event:{row['event']}", {"what": "listing"})


def _values(form: ListingForm) -> dict[str, Any]:
    """Columns as stored, with a key by which the listing is found in both languages and pinyin."""
    kept = (
        "title_zh title_en description_zh description_en discipline degree engagement city languages headcount"
        " pay_min pay_max sponsors_permit start_by valid_to urgent"
    )
    values: dict[str, Any] = {name: getattr(form, name) for name in kept.split()}
    values["urgent_reason"] = form.urgent_reason if form.urgent else ""
    return values | {"search_key": keys.key(values)}
