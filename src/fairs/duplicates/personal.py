"""That two records were found to be one person, and what the merge changed."""

from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import Entries, Kind, Outcome, Person
from fairs.core.rows import Row, fetch_as, fetch_values
from fairs.files.services import let_go
from fairs.privacy import held

KEY = "merges"
_MINE = (
    "(kept = ANY(:talents::bigint[]) OR gone = ANY(:talents::bigint[]) OR -kept = ANY(:registrations::bigint[])"
    " OR -gone = ANY(:registrations::bigint[]) OR gone_account = :account)"
)
_lines = personal.reader(
    f"SELECT merged_at, undone_at, gone_email, reasons, moved FROM person_merge WHERE {_MINE} ORDER BY id"  # noqa: S608 - constants
)


class _Address(Row, frozen=True):
    """An address under which the person was known before a merge."""

    gone_email: str


async def find(person: Person) -> Person:
    """Adds the addresses of records that were merged into the person's, unless they belong to somebody else by now."""
    rows = await fetch_as(
        _Address,
        "SELECT DISTINCT gone_email FROM person_merge WHERE undone_at IS NULL AND gone_email <> ''"
        " AND gone_email NOT LIKE '%@invalid' AND NOT EXISTS (SELECT 1 FROM account a WHERE a.email = gone_email"
        " AND a.id IS DISTINCT FROM gone_account) AND NOT EXISTS (SELECT 1 FROM talent t WHERE t.email = gone_email"
        " AND t.id <> ALL(:talents::bigint[])) AND (kept = ANY(:talents::bigint[]) OR -kept = ANY(:registrations::bigint[]))"
        " ORDER BY gone_email",
        talents=list(person.talents),
        registrations=list(person.registrations),
    )
    known = tuple(dict.fromkeys((*person.emails, *(row.gone_email for row in rows))))
    return Person(person.account, known, person.talents, person.registrations, person.organisations, person.words)


async def _accounts(person: Person) -> list[int]:
    """The closed accounts of records that were merged into the person's."""
    sql = f"SELECT gone_account FROM person_merge WHERE undone_at IS NULL AND gone_account IS NOT NULL AND {_MINE}"  # noqa: S608 - constants
    found = await fetch_values(int, sql, **personal.arguments(sql, person))
    return sorted(set(found) - {person.account})


async def _read(person: Person) -> Entries:
    """What was merged, and what the accounts hold that were closed by it."""
    entries = await _lines(person)
    for account in await _accounts(person):
        for kind in held.KINDS():
            found = await kind.read(Person(account=account)) if kind.key != KEY else []
            entries += [{"account": account, "kind": kind.key, "entry": entry} for entry in found]
    return entries


async def _forget(person: Person) -> Outcome:
    """The closed accounts are forgotten as the person's own is; a merge cannot be undone any more."""
    for account in await _accounts(person):
        for kind in held.KINDS():
            if kind.key != KEY:
                await kind.forget(Person(account=account, words=person.words))
    photos = await fetch_values(
        str,
        f"SELECT photo::text FROM person_merge WHERE photo IS NOT NULL AND {_MINE}",  # noqa: S608 - constants
        **personal.arguments(_MINE, person),
    )
    emptied = await personal.change(
        f"UPDATE person_merge SET images = '', photo = NULL, gone_email = '' WHERE {_MINE}"  # noqa: S608 - constants
        " AND (images <> '' OR photo IS NOT NULL OR gone_email <> '')",
        person,
    )
    for photo in photos:
        await let_go(photo)
    pairs = await personal.change(
        "DELETE FROM duplicate_pair WHERE one = ANY(:talents::bigint[]) OR other = ANY(:talents::bigint[])"
        " OR -one = ANY(:registrations::bigint[]) OR -other = ANY(:registrations::bigint[])",
        person,
    )
    return Outcome(deleted=pairs, emptied=emptied)


KINDS = (
    Kind(
        KEY,
        N_("Records of you that were made one"),
        ("person_merge.gone_account",),
        _read,
        _forget,
    ),
)
