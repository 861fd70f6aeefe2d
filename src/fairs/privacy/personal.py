"""Consents, looks at contact data, and exports of a person."""

from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import Fate, Kind, Outcome, Person
from fairs.core.rows import fetch_values
from fairs.files.services import let_go


async def _forget_exports(person: Person) -> Outcome:
    """The finished files go too."""
    files = await fetch_values(
        str,
        "SELECT file::text FROM data_export WHERE account = :account AND file IS NOT NULL",
        account=person.account or 0,
    )
    gone = await personal.change("DELETE FROM data_export WHERE account = :account", person)
    for file_id in files:
        await let_go(file_id)
    return Outcome(deleted=gone)


KINDS = (
    Kind(
        "consents",
        N_("What you agreed to"),
        ("consent.account",),
        personal.reader(
            "SELECT kind, given, version, lang, place, at FROM consent WHERE account = :account ORDER BY id"
        ),
        personal.nothing,
        Fate.EMPTIED,
        N_("The answers stay under a number, as proof that they were given."),
    ),
    Kind(
        "looks",
        N_("Who looked at your contact data"),
        ("contact_look.account", "contact_look.viewer"),
        personal.reader(
            "SELECT l.place, l.at, a.name AS viewer, l.account = :account AS at_your_data FROM contact_look l"
            " JOIN account a ON a.id = CASE WHEN l.account = :account THEN l.viewer ELSE :account END"
            " WHERE l.account = :account OR l.viewer = :account ORDER BY l.id"
        ),
        personal.deleter("DELETE FROM contact_look WHERE account = :account"),
    ),
    Kind(
        "exports",
        N_("Exports of your data that you asked for"),
        ("data_export.account",),
        personal.reader(
            "SELECT state, asked_at, ended_at, expires_at FROM data_export WHERE account = :account ORDER BY id"
        ),
        _forget_exports,
    ),
)
