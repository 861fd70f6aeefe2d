"""What a person answered to the forms of events, typed and did not send, and what the staff noted about the registration."""

from fairs.accounts.actor import Actor
from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import Entries, Kind, Outcome, Person
from fairs.core.rows import execute, fetch_values
from fairs.files.services import let_go
from fairs.registrations.asking import calls

_OWN = "registration = ANY(:registrations::bigint[])"


async def _answers(person: Person) -> Entries:
    return await calls.answers_held(person.registrations)


async def _forget_answers(person: Person) -> Outcome:
    """Answers go with their files; what was counted of limited options is counted no more."""
    gone = await fetch_values(
        str,
        "DELETE FROM registration_file WHERE registration = ANY(:ids::bigint[]) RETURNING file::text",
        ids=list(person.registrations),
    )
    for file_id in gone:
        await let_go(file_id)
    rest = [f"DELETE FROM {table} WHERE {_OWN}" for table in ("registration_option", "registration_answers")]  # noqa: S608 - constants
    return Outcome(deleted=len(gone) + sum([await personal.change(sql, person) for sql in rest]))


async def on_sensitive(by: Actor, given: bool) -> None:
    """Withdrawn: the numbers of documents in the person's registrations go at once."""
    if not given:
        await execute(
            "UPDATE registration_answers SET sealed = '' WHERE sealed <> '' AND registration IN"
            " (SELECT id FROM registration WHERE registrant = :account)",
            account=by.account_id,
        )


async def _drafts(person: Person) -> Entries:
    return await calls.drafts_of(person.account or 0)


KINDS = (
    Kind(
        "answers",
        N_("Your answers to the forms of events"),
        ("registration_answers.registration", "registration_file.registration", "registration_option.registration"),
        _answers,
        _forget_answers,
    ),
    Kind(
        "drafts",
        N_("What you typed into forms of registration and did not send"),
        ("registration_draft.account",),
        _drafts,
        personal.deleter("DELETE FROM registration_draft WHERE account = :account"),
    ),
    Kind(
        "notes",
        N_("Notes and tags of the staff on your registrations"),
        ("registration_note.registration", "registration_tag.registration"),
        personal.reader(
            f"SELECT registration, 'note' AS kind, text, at FROM registration_note WHERE {_OWN}"  # noqa: S608 - constants
            f" UNION ALL SELECT registration, 'tag', tag, at FROM registration_tag WHERE {_OWN} ORDER BY 4"
        ),
        personal.deleter(
            f"DELETE FROM registration_note WHERE {_OWN}",  # noqa: S608 - constants
            f"DELETE FROM registration_tag WHERE {_OWN}",  # noqa: S608 - constants
        ),
    ),
)
