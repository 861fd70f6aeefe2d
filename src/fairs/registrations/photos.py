"""Photos that a desk takes of people: of one registration, shown where its badge is scanned; a profile's own photo stays as it is."""

from uuid import UUID

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db
from fairs.core.errors import NotFound
from fairs.core.roles import Role
from fairs.core.rows import execute, fetch_value_or_none
from fairs.files.services import attach, let_go
from fairs.files.tables import Purpose
from fairs.registrations.entering.queries import person_at
from fairs.talents.queries import may_read_photo as may_read_profiles

DESK = frozenset({Role.STAFF, Role.BUREAU, Role.ORGANISER, Role.ADMIN})
SHOWN = (  # SQL: the photo of a registration r, of the desk, of an answer, or of the profile
    "coalesce((SELECT p.photo FROM registration_photo p WHERE p.registration = r.id), (SELECT x.file FROM registration_file x"
    " WHERE x.registration = r.id AND x.on_badge ORDER BY x.id LIMIT 1), (SELECT t.photo FROM talent t WHERE t.id = r.talent))"
)
OF = "SELECT photo FROM registration_photo WHERE registration = :id"


async def photo_of(registration_id: int) -> UUID | None:
    """The photo that was taken for a registration."""
    return await fetch_value_or_none(UUID, OF, id=registration_id)


async def set_photo(slug: str, number: str, token: str, *, by: Actor) -> None:
    """Store a photo that was sent; the former one is deleted. Raises NotFound, and Invalid for a file that is gone."""
    _, row = await person_at(by, slug, number)
    async with db.transaction_or_join():
        former = await fetch_value_or_none(UUID, f"{OF} FOR UPDATE", id=row.id)
        photo = await attach(token, Purpose.PHOTO, field="photo")
        # Who took it stands beside it: the file is not among those that its sender takes along.
        await execute("UPDATE file SET uploaded_by = NULL WHERE id = :photo", photo=photo)
        await execute(
            "INSERT INTO registration_photo (registration, photo, taken_at, taken_by) VALUES (:id, :photo, :now, :by)"
            " ON CONFLICT (registration) DO UPDATE SET photo = excluded.photo, taken_at = excluded.taken_at,"
            " taken_by = excluded.taken_by",
            id=row.id,
            photo=photo,
            now=clock.now(),
            by=by.account_id,
        )
        await execute("UPDATE registration SET updated_at = :now WHERE id = :id", id=row.id, now=clock.now())
        await let_go(former)
        await record("registration.photo", "registration", row.id, by=by, after={"file": str(photo)})


async def remove_photo(slug: str, number: str, *, by: Actor) -> None:
    """Delete the photo, if there is one. Raises NotFound."""
    _, row = await person_at(by, slug, number)
    async with db.transaction_or_join():
        former = await fetch_value_or_none(
            UUID, "DELETE FROM registration_photo WHERE registration = :id RETURNING photo", id=row.id
        )
        if former is not None:
            await execute("UPDATE registration SET updated_at = :now WHERE id = :id", id=row.id, now=clock.now())
            await let_go(former)
            await record("registration.photo_remove", "registration", row.id, by=by, before={"file": str(former)})


async def may_read_photo(actor: Actor, file_id: UUID) -> bool:
    """Whether this is the actor's own photo, or of somebody at a desk where the actor works."""
    row = await fetch_value_or_none(
        list[str],
        "SELECT ARRAY[e.slug::text, r.number::text, coalesce(r.registrant, 0)::text] FROM registration_photo p"
        " JOIN registration r ON r.id = p.registration JOIN event e ON e.id = r.event WHERE p.photo = :file",
        file=file_id,
    )
    if row is None:
        return await may_read_profiles(actor, file_id)
    slug, number, registrant = row
    if actor.account_id is not None and registrant == str(actor.account_id):
        return True
    try:
        await person_at(actor, slug, number)
    except NotFound:
        return False
    return bool(actor.roles & DESK)
