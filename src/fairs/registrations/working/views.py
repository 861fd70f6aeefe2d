"""Saved views of the working list, and how an account looks at it."""

from collections.abc import Sequence

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db
from fairs.core.converting import clean_line
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_as, fetch_one_as, fetch_value
from fairs.events.queries import event_for
from fairs.registrations.working.columns import offer
from fairs.registrations.working.rows import SettingRow, ViewRow
from fairs.registrations.working.wanted import read_text, text_of

MOST = 100  # views of an account at an event
_VIEW = (
    "SELECT v.id, v.name, v.shared, v.query, v.mailed, v.mail_hour, v.mail_day, v.mail_format, v.account = :account AS own, a.name AS owner_name,"
    " EXISTS (SELECT 1 FROM registration_list_setting x WHERE x.view = v.id AND x.account = :account) AS standard"
    " FROM registration_view v JOIN account a ON a.id = v.account WHERE v.event = :event AND (v.shared OR v.account = :account)"
)
NAME_NEEDED = N_("Enter a name for the view")
NAME_TAKEN = N_("You already have a view with this name")
TOO_MANY = N_("You already have a hundred views here: delete some first")


async def views_of(actor: Actor, event_id: int) -> list[ViewRow]:
    """The actor's own views of an event's list and those shared by colleagues, by name."""
    return await fetch_as(ViewRow, f"{_VIEW} ORDER BY lower(v.name), v.id", event=event_id, account=actor.account_id)


async def setting_of(actor: Actor, event_id: int) -> SettingRow:
    """The columns and the first view of an account; of another event's list when it has chosen none here."""
    found = await fetch_one_as(
        SettingRow,
        "SELECT columns, CASE WHEN event = :event THEN view END AS view FROM registration_list_setting"
        " WHERE account = :account AND (event = :event OR columns <> '{}')"
        " ORDER BY (event = :event) DESC, updated_at DESC, id DESC LIMIT 1",
        event=event_id,
        account=actor.account_id,
    )
    return found or SettingRow([], None)


async def choose_columns(slug: str, names: Sequence[str], *, by: Actor) -> list[str]:
    """Remember the columns of an account; returns those that exist. Raises NotFound for strangers."""
    event = await event_for(by, slug)
    known = (await offer(event.id)).columns
    chosen = [name for name in known if name in names]
    await execute(
        "INSERT INTO registration_list_setting (account, event, columns, updated_at) VALUES (:account, :event, :columns::varchar[], :now)"
        " ON CONFLICT (account, event) DO UPDATE SET columns = excluded.columns, updated_at = excluded.updated_at",
        account=by.account_id,
        event=event.id,
        columns=chosen,
        now=clock.now(),
    )
    return chosen


async def save_view(slug: str, name: str, query: str, *, shared: bool, by: Actor) -> int:
    """Save what the list shows under a name; the same name again replaces it. Raises NotFound, Invalid, Conflict."""
    event = await event_for(by, slug)
    name = _name(name)
    text = text_of(read_text(query, await offer(event.id)))
    async with db.transaction_or_join():
        held = await fetch_value(
            int,
            "SELECT count(*) FROM registration_view WHERE event = :event AND account = :account AND name <> :name",
            event=event.id,
            account=by.account_id,
            name=name,
        )
        if held >= MOST:
            raise Conflict(TOO_MANY, code="too_many")
        view = await fetch_value(
            int,
            "INSERT INTO registration_view (event, account, name, shared, query, updated_at)"
            " VALUES (:event, :account, :name, :shared, :query, :now) ON CONFLICT (event, account, name)"
            " DO UPDATE SET shared = excluded.shared, query = excluded.query, updated_at = excluded.updated_at RETURNING id",
            event=event.id,
            account=by.account_id,
            name=name,
            shared=shared,
            query=text,
            now=clock.now(),
        )
        after = {"name": name, "shared": shared, "event": event.id}
        await record("registration_view.save", "registration_view", view, by=by, after=after)
    return view


def _name(name: str) -> str:
    found = clean_line(name, "name")[:60]
    if not found:
        raise Invalid(fields={"name": [NAME_NEEDED]})
    return found


async def own_view(slug: str, view_id: int, by: Actor, *, shared: bool = False) -> tuple[int, ViewRow]:
    """(event, view): the actor's own; `shared`: also one of a colleague's. Raises NotFound."""
    event = await event_for(by, slug)
    row = None
    if 0 < view_id < 2**63:
        row = await fetch_one_as(ViewRow, f"{_VIEW} AND v.id = :id", event=event.id, account=by.account_id, id=view_id)
    if row is None or not (row.own or shared):
        raise NotFound
    return event.id, row


async def rename_view(slug: str, view_id: int, name: str, *, shared: bool, by: Actor) -> None:
    """Another name for an own view, private or shared. Raises NotFound, Invalid, Conflict when the name is taken."""
    async with db.transaction_or_join():
        _, row = await own_view(slug, view_id, by)
        name = _name(name)
        with db.constraint_errors({"uq_registration_view": Conflict(NAME_TAKEN, code="taken")}):
            await execute(
                "UPDATE registration_view SET name = :name, shared = :shared, updated_at = :now WHERE id = :id",
                id=row.id,
                name=name,
                shared=shared,
                now=clock.now(),
            )
        before = {"name": row.name, "shared": row.shared}
        after = {"name": name, "shared": shared}
        await record("registration_view.save", "registration_view", row.id, by=by, before=before, after=after)


async def delete_view(slug: str, view_id: int, *, by: Actor) -> str:
    """Delete an own view; returns its name. Raises NotFound."""
    async with db.transaction_or_join():
        _, row = await own_view(slug, view_id, by)
        await execute("DELETE FROM registration_view WHERE id = :id", id=row.id)
        await record("registration_view.delete", "registration_view", row.id, by=by, before={"name": row.name})
    return row.name


async def show_first(slug: str, view_id: int | None, *, by: Actor) -> None:
    """The view with which the list opens for this account; None: everybody. Raises NotFound."""
    if view_id is None:
        event_id = (await event_for(by, slug)).id
    else:
        event_id, _ = await own_view(slug, view_id, by, shared=True)
    await execute(
        "INSERT INTO registration_list_setting (account, event, view, updated_at) VALUES (:account, :event, :view, :now)"
        " ON CONFLICT (account, event) DO UPDATE SET view = excluded.view, updated_at = excluded.updated_at",
        account=by.account_id,
        event=event_id,
        view=view_id,
        now=clock.now(),
    )
