"""Files that a person sent. What belongs to an agreement or an employer stays with it, without the person's name."""

from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import Fate, Kind, Outcome, Person
from fairs.core.rows import fetch_values
from fairs.files.services import let_go


async def _forget(person: Person) -> Outcome:
    """Files that wait for a form go by a job; the others do not say any more who sent them."""
    held = await fetch_values(
        str,
        "UPDATE file SET uploaded_by = NULL, name = 'file' WHERE uploaded_by = :account AND state = 'held' RETURNING id::text",
        account=person.account or 0,
    )
    for file_id in held:
        await let_go(file_id)
    named = "UPDATE file SET uploaded_by = NULL, name = regexp_replace(name, :pattern, '***', 'gi') WHERE uploaded_by = :account"
    return Outcome(deleted=len(held), emptied=await personal.change(named, person, pattern=personal.pattern(person)))


KINDS = (
    Kind(
        "files",
        N_("Files that you sent"),
        ("file.uploaded_by",),
        personal.reader(
            "SELECT id, purpose, state, name, type, size, at FROM file WHERE uploaded_by = :account ORDER BY at, id"
        ),
        _forget,
        Fate.EMPTIED,
        N_("Your photo is deleted. Papers of an agreement or of an employer stay with it, without your name."),
    ),
)
