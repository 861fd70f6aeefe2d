"""Where an employer names a person as its contact or signatory."""

from typing import Any

from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import GONE, Fate, Kind, Outcome, Person
from fairs.core.rows import execute, fetch_values
from fairs.organisations import phones

_NAMED = (
    "(contact_name = ANY(:words::text[]) OR signatory = ANY(:words::text[]) OR signatory_latin = ANY(:words::text[]))"
)


def _opened(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "contact_phone": phones.opened_text(row["contact_phone"])}


async def find(person: Person) -> Person:
    """Adds the telephone numbers of the employers that name the person as their contact."""
    sealed = await fetch_values(
        str,
        "SELECT contact_phone FROM organisation WHERE id = ANY(:organisations::bigint[]) AND contact_name = ANY(:words::text[])",
        organisations=list(person.organisations),
        words=list(person.words),
    )
    words = personal.words_of((*person.words, *(phones.opened_text(one) for one in sealed)))
    return Person(person.account, person.emails, person.talents, person.registrations, person.organisations, words)


async def _forget(person: Person) -> Outcome:
    """The employer has no contact until it names another person."""
    sql = (
        "UPDATE organisation SET contact_phone = CASE WHEN contact_name = ANY(:words::text[]) THEN '' ELSE contact_phone END,"  # noqa: S608 - constants
        " contact_name = CASE WHEN contact_name = ANY(:words::text[]) THEN :gone ELSE contact_name END,"
        " signatory = CASE WHEN signatory = ANY(:words::text[]) THEN '' ELSE signatory END,"
        " signatory_latin = CASE WHEN signatory_latin = ANY(:words::text[]) THEN '' ELSE signatory_latin END"
        f" WHERE id = ANY(:organisations::bigint[]) AND {_NAMED}"
    )
    changed = await execute(sql, words=list(person.words), organisations=list(person.organisations), gone=GONE)
    return Outcome(emptied=changed)


KINDS = (
    Kind(
        "employers",
        N_("Employers that name you as their contact"),
        ("membership.organisation_id",),
        personal.reader(
            "SELECT id, name_zh, name_en, contact_name, contact_phone, signatory, signatory_latin FROM organisation"  # noqa: S608 - constants
            f" WHERE id = ANY(:organisations::bigint[]) AND {_NAMED} ORDER BY id",
            _opened,
        ),
        _forget,
        Fate.EMPTIED,
        N_("The employer stays and has to name another contact."),
    ),
)
