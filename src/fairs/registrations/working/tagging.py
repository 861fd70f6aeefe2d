"""Tags and notes of the staff on a registration."""

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db
from fairs.core.converting import clean_line
from fairs.core.errors import Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_as, fetch_value, fetch_values
from fairs.registrations import queries
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.working.rows import NoteRow

LONGEST = 40  # characters of a tag
NEEDED = N_("Enter a tag")
COMMA = N_("A tag has no comma")
NOTE_NEEDED = N_("Enter a note")
LONGEST_NOTE = 2000


def cleaned(tag: str) -> str:
    """A tag as it is stored. Raises Invalid."""
    found = clean_line(tag, "tag")
    if not found:
        raise Invalid(fields={"tag": [NEEDED]})
    if "," in found or "\uff0c" in found:
        raise Invalid(fields={"tag": [COMMA]})
    if len(found) > LONGEST:
        raise Invalid(fields={"tag": [N_("At most %(limit)s characters", limit=LONGEST)]})
    return found


async def person_for(actor: Actor, registration_id: int) -> RegistrationRow:
    """A registration at an event that this actor runs. Raises NotFound."""
    row = await queries.registration_by_id(registration_id)
    if not queries.runs_event(actor, row) or not actor.reaches(row.event):
        raise NotFound
    return row


async def add(registration_id: int, tag: str, *, by: Actor) -> bool:
    """Tag a registration; False when it has the tag. Raises NotFound, Invalid."""
    tag = cleaned(tag)
    async with db.transaction_or_join():
        row = await person_for(by, registration_id)
        added = await execute(
            "INSERT INTO registration_tag (registration, tag, account, at) VALUES (:id, :tag, :by, :now) ON CONFLICT DO NOTHING",
            id=row.id,
            tag=tag,
            by=by.account_id,
            now=clock.now(),
        )
        if added:
            await record("registration.tag", "registration", row.id, by=by, after={"tag": tag})
    return bool(added)


async def remove(registration_id: int, tag: str, *, by: Actor) -> bool:
    """Take a tag off; False when there was none. Raises NotFound."""
    tag = tag.replace("\0", "")
    async with db.transaction_or_join():
        row = await person_for(by, registration_id)
        gone = await execute("DELETE FROM registration_tag WHERE registration = :id AND tag = :tag", id=row.id, tag=tag)
        if gone:
            await record("registration.untag", "registration", row.id, by=by, before={"tag": tag})
    return bool(gone)


async def tags_on(registration_id: int) -> list[str]:
    """The tags of a registration."""
    sql = "SELECT tag FROM registration_tag WHERE registration = :id ORDER BY tag"
    return await fetch_values(str, sql, id=registration_id)


async def notes_on(actor: Actor, registration_id: int) -> list[NoteRow]:
    """The notes on a registration, the latest first."""
    return await fetch_as(
        NoteRow,
        "SELECT n.id, n.text, n.at, a.name AS author, n.account IS NOT NULL AND n.account = :account AS own"
        " FROM registration_note n LEFT JOIN account a ON a.id = n.account WHERE n.registration = :id ORDER BY n.id DESC",
        id=registration_id,
        account=actor.account_id,
    )


async def write_note(registration_id: int, text: str, *, by: Actor) -> int:
    """A note with author and time; returns its id. Raises NotFound, Invalid without a text."""
    text = clean_line(text, "note", lines=True)
    if not text:
        raise Invalid(fields={"note": [NOTE_NEEDED]})
    if len(text) > LONGEST_NOTE:
        raise Invalid(fields={"note": [N_("At most %(limit)s characters", limit=LONGEST_NOTE)]})
    async with db.transaction_or_join():
        row = await person_for(by, registration_id)
        note = await fetch_value(
            int,
            "INSERT INTO registration_note (registration, account, text, at) VALUES (:id, :by, :text, :now) RETURNING id",
            id=row.id,
            by=by.account_id,
            text=text,
            now=clock.now(),
        )
        await record("registration.note", "registration", row.id, by=by, after={"note": "•••"})
    return note


async def delete_note(registration_id: int, note_id: int, *, by: Actor) -> None:
    """Delete an own note. Raises NotFound for one of others."""
    if not 0 < note_id < 2**63:
        raise NotFound
    async with db.transaction_or_join():
        row = await person_for(by, registration_id)
        gone = await execute(
            "DELETE FROM registration_note WHERE id = :note AND registration = :id AND account = :by",
            note=note_id,
            id=row.id,
            by=by.account_id,
        )
        if not gone:
            raise NotFound
        await record("registration.note_deleted", "registration", row.id, by=by)
