"""Makes and revokes the addresses of personal calendars, and answers the programs that read them."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from fairs.accounts import rate_limits
from fairs.accounts.actor import Actor
from fairs.accounts.queries import active_actor
from fairs.accounts.rate_limits import Counter
from fairs.audit.services import record
from fairs.calendars import entries, rules
from fairs.calendars.rows import FeedRow, LineRow
from fairs.calendars.rules import Line
from fairs.calendars.tables import CalendarFeed
from fairs.core import clock, crypto, db, i18n
from fairs.core.errors import Conflict, NotFound
from fairs.core.forms import Field, Form
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_as, fetch_one_as, fetch_value
from fairs.notifications import calendars
from fairs.notifications.calendars import Entry
from fairs.notifications.services import base_url
from fairs.web import addresses

MOST = 10  # addresses of an account
READS_AN_HOUR = 120  # of one address: programs ask every few minutes at most
GUESSES_AN_HOUR = 60  # unknown addresses asked for from one network
_FEED = "f.id, f.account, f.name, f.lang, f.created_at, f.changed_at, f.last_read_at"
TOO_MANY = N_("You have ten calendar addresses. Revoke one that you do not use first.")


class FeedForm(Form):
    """Where the calendar will be read."""

    name: Annotated[str, Field(N_("Where you will use it"), help=N_("For example: phone, Outlook"), max_length=60)]


@dataclass(frozen=True)
class Calendar:
    """The content of an address, and by what a program knows that it is new."""

    content: bytes
    etag: str
    changed_at: datetime


async def feeds_of(actor: Actor) -> list[FeedRow]:
    """The account's addresses, in the order of their making."""
    sql = f"SELECT {_FEED} FROM calendar_feed f WHERE f.account = :account ORDER BY f.id"  # noqa: S608 - constants
    return await fetch_as(FeedRow, sql, account=actor.account_id)


def address_of(token: str) -> str:
    """Where the calendar of a secret is read."""
    return f"{base_url()}/calendar/{token}.ics"


async def make_feed(name: str, *, by: Actor) -> str:
    """A new secret: it is told only now. Raises Conflict when there are too many."""
    assert by.account_id is not None
    token, now = crypto.new_token(), clock.now()
    async with db.transaction_or_join():
        await fetch_value(int, "SELECT id FROM account WHERE id = :id FOR NO KEY UPDATE", id=by.account_id)
        if len(await feeds_of(by)) >= MOST:
            raise Conflict(TOO_MANY, code="too_many_calendars")
        feed = CalendarFeed(
            account=by.account_id,
            name=name,
            token_hash=crypto.hash_token(token),
            lang=i18n.current_lang(),
            created_at=now,
            changed_at=now,
        )
        await feed.save()
        await record("calendar.make", "calendar_feed", feed.id, by=by, after={"name": name})
    return token


async def revoke_feed(feed_id: int, *, by: Actor) -> None:
    """The address answers nobody from now on. Raises NotFound for somebody else's."""
    async with db.transaction_or_join():
        known = {feed.id: feed for feed in await feeds_of(by)}
        if feed_id not in known:
            raise NotFound
        await execute("DELETE FROM calendar_feed WHERE id = :id", id=feed_id)
        await record("calendar.revoke", "calendar_feed", feed_id, by=by, before={"name": known[feed_id].name})


async def read_calendar(token: str, *, ip: str) -> Calendar:
    """What the address says now. Raises NotFound for an unknown one, TooMany for one that is asked for too often."""
    sql = f"SELECT {_FEED} FROM calendar_feed f WHERE f.token_hash = :hash"  # noqa: S608 - constants
    feed = await fetch_one_as(FeedRow, sql, hash=crypto.hash_token(token))
    if feed is None:
        await rate_limits.cap([Counter("calendar-guess", addresses.network(ip), GUESSES_AN_HOUR, 3600)])
        raise NotFound
    await rate_limits.cap([Counter("calendar", str(feed.id), READS_AN_HOUR, 3600)])
    actor = await active_actor(feed.account)
    if actor is None:
        raise NotFound
    current = await entries.entries_of(actor, feed.lang)
    lines, changed_at = await _told(feed.id, current)
    return _written(lines, changed_at, feed)


async def _told(feed_id: int, current: list[Entry]) -> tuple[list[Line], datetime]:
    """The lines of an address brought up to date, and when they last changed."""
    now = clock.now()
    async with db.transaction_or_join():
        locked = f"SELECT {_FEED} FROM calendar_feed f WHERE f.id = :id FOR UPDATE"  # noqa: S608 - constants
        feed = await fetch_one_as(FeedRow, locked, id=feed_id)
        if feed is None:
            raise NotFound
        before = await _lines(feed_id)
        after = rules.next_lines(before, current, now)
        changed = {uid: line for uid, line in after.items() if before.get(uid) != line}
        gone = [uid for uid in before if uid not in after]
        if changed or gone:
            await _store(feed_id, changed, gone)
        changed_at = now if changed or gone else feed.changed_at
        await execute(
            "UPDATE calendar_feed SET last_read_at = :now, changed_at = :changed WHERE id = :id",
            id=feed_id,
            now=now,
            changed=changed_at,
        )
    return sorted(after.values(), key=lambda line: (line.entry.starts_at, line.entry.uid)), changed_at


async def _lines(feed_id: int) -> dict[str, Line]:
    rows = await fetch_as(
        LineRow,
        "SELECT uid, sequence, content::text AS content, changed_at, gone_at FROM calendar_line WHERE feed = :feed",
        feed=feed_id,
    )
    return {
        row.uid: Line(
            rules.numbered(msgspec.json.decode(row.content, type=Entry), row.sequence), row.changed_at, row.gone_at
        )
        for row in rows
    }


async def _store(feed_id: int, changed: dict[str, Line], gone: list[str]) -> None:
    await execute("DELETE FROM calendar_line WHERE feed = :feed AND uid = ANY(:uids::text[])", feed=feed_id, uids=gone)
    for uid, line in changed.items():
        await execute(
            "INSERT INTO calendar_line (feed, uid, sequence, content, changed_at, gone_at) VALUES (:feed, :uid, :sequence,"
            " :content::text::jsonb, :changed, :gone) ON CONFLICT (feed, uid) DO UPDATE SET sequence = excluded.sequence,"
            " content = excluded.content, changed_at = excluded.changed_at, gone_at = excluded.gone_at",
            feed=feed_id,
            uid=uid,
            sequence=line.entry.sequence,
            content=msgspec.json.encode(line.entry).decode(),
            changed=line.changed_at,
            gone=line.gone_at,
        )


def _written(lines: list[Line], changed_at: datetime, feed: FeedRow) -> Calendar:
    with i18n.language(feed.lang):
        name = i18n.gettext("My fairs")
    shown = [rules.numbered(line.entry, line.entry.sequence, line.changed_at) for line in lines]
    content = calendars.calendar(shown, name=name)
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return Calendar(content, etag, changed_at.astimezone(UTC).replace(microsecond=0))
