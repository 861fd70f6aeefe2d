"""The profile of a person."""

from typing import Any

from fairs.core import clock, crypto, personal
from fairs.core.i18n import N_
from fairs.core.personal import Fate, Kind, Outcome, Person
from fairs.core.rows import Row, fetch_as, fetch_values
from fairs.files.services import let_go
from fairs.talents import services
from fairs.talents.phones import PURPOSE

_HIDDEN = ("search_key", "demo", "unit", "account")
_EMPTY = (
    "UPDATE talent SET account = NULL, unit = NULL, email = 'forgotten-' || id || '@invalid', name_passport = '***', name_native = '',"
    " nationality = '', residence_country = '', phone = '', degree = '', discipline = '', institution = '', grad_year = NULL,"
    " current_employer = '', headline = '', summary = '', skills = '{}', languages = '{}', engagement = '{}', cities = '{}',"
    " available_from = NULL, pay_min = NULL, has_project = false, abroad_country = '', abroad_from = NULL, abroad_to = NULL,"
    " abroad_degree = '', visibility = 'private', consent_version = '', consent_at = NULL, matching = false, keep_after = false,"
    " photo = NULL, search_key = '', updated_at = :now WHERE id = ANY(:talents::bigint[])"
    " AND email <> 'forgotten-' || id || '@invalid'"
)


class _Found(Row, frozen=True):
    """A profile of the person."""

    id: int
    name_passport: str
    name_native: str
    phone: str


def _opened(row: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in row.items() if name not in _HIDDEN}
    return {**shown, "phone": crypto.open_text(row["phone"], PURPOSE)}


async def find(person: Person) -> Person:
    """Adds the profile of the account and of the address, with its names and telephone number."""
    rows = await fetch_as(
        _Found,
        "SELECT id, name_passport, name_native, phone FROM talent WHERE account = :account OR email = ANY(:emails::text[])"
        " ORDER BY id",
        account=person.account or 0,
        emails=list(person.emails),
    )
    words = [
        text for row in rows for text in (row.name_passport, row.name_native, crypto.open_text(row.phone, PURPOSE))
    ]
    return Person(
        person.account,
        person.emails,
        tuple(dict.fromkeys((*person.talents, *(row.id for row in rows)))),
        person.registrations,
        person.organisations,
        personal.words_of((*person.words, *words)),
    )


async def _forget(person: Person) -> Outcome:
    photos = await fetch_values(
        str,
        "SELECT photo::text FROM talent WHERE id = ANY(:talents::bigint[]) AND photo IS NOT NULL",
        talents=list(person.talents),
    )
    emptied = await personal.change(_EMPTY, person, now=clock.now())
    for photo in photos:
        await let_go(photo)
    if emptied:
        for talent in person.talents:
            await services.encode(talent)
    return Outcome(emptied=emptied)


KINDS = (
    Kind(
        "profile",
        N_("Your profile"),
        ("talent.account", "talent.email"),
        personal.reader("SELECT t.* FROM talent t WHERE t.id = ANY(:talents::bigint[]) ORDER BY t.id", _opened),
        _forget,
        Fate.EMPTIED,
        N_("An empty row without name, for meetings and agreements that others count."),
    ),
)
