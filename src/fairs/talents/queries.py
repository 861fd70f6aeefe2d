"""Reading profiles; who else may see one is read by `fairs.home`."""

from uuid import UUID

from fairs.accounts.actor import Actor
from fairs.core.rows import fetch_one_as, fetch_value_or_none
from fairs.talents import phones
from fairs.talents.rows import TalentRow, Unclaimed

COLUMNS = (
    "t.id, t.account, t.unit, t.email, t.name_passport, t.name_native, t.nationality, t.residence_country, t.phone,"
    " t.degree, t.institution, t.grad_year, t.current_employer, t.discipline, t.headline, t.summary, t.summary_lang,"
    " t.skills, t.languages, t.engagement, t.cities, t.available_from, t.pay_min, t.has_project, t.abroad_country,"
    " t.abroad_from, t.abroad_to, t.abroad_degree, t.visibility,"
    " t.consent_version, t.consent_at, t.photo, t.search_key, t.demo, t.created_at, t.updated_at"
)


async def talent_of(actor: Actor) -> TalentRow | None:
    """The actor's own profile, if there is one."""
    row = await fetch_one_as(
        TalentRow,
        f"SELECT {COLUMNS} FROM talent t WHERE t.account = :account",  # noqa: S608 - constants of the code; values are named arguments
        account=actor.account_id,
    )
    return phones.opened(row) if row else None


async def unclaimed(actor: Actor) -> Unclaimed | None:
    """A profile that a registration created for the actor's address and that has not been opened yet."""
    row = await fetch_one_as(
        Unclaimed,
        f"SELECT {COLUMNS}, a.email_confirmed_at IS NOT NULL AS proved FROM talent t JOIN account a ON a.email = t.email"  # noqa: S608 - constants of the code; values are named arguments
        " WHERE a.id = :account AND t.account IS NULL",
        account=actor.account_id,
    )
    return phones.opened(row) if row else None


async def may_read_photo(actor: Actor, file_id: UUID) -> bool:
    """Whether this is the actor's own photo: gates get it by an address that ends after minutes."""
    sql = "SELECT account FROM talent WHERE photo = :file"
    owner = await fetch_value_or_none(int, sql, file=file_id)
    return owner is not None and owner == actor.account_id
