"""Entries of the log about a person: what the person did, and what others did to the person's rows. They stay as pseudonyms."""

from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import Fate, Kind, Outcome, Person

_OBJECTS = (
    "((e.object_kind = 'account' AND e.object_id = (:account::bigint)::text)"
    " OR (e.object_kind = 'talent' AND e.object_id = ANY(SELECT unnest(:talents::bigint[])::text))"
    " OR (e.object_kind = 'registration' AND e.object_id = ANY(SELECT unnest(:registrations::bigint[])::text)))"
)
_ABOUT = f"(e.actor_account_id = :account OR {_OBJECTS})"
_TEXT = "(e.actor_label || ' ' || coalesce(e.before::text, '') || ' ' || coalesce(e.after::text, ''))"
_CLEAN = (
    "actor_label = regexp_replace(actor_label, :pattern, '***', 'gi'),"
    " before = regexp_replace(before::text, :pattern, '***', 'gi')::jsonb,"
    " after = regexp_replace(after::text, :pattern, '***', 'gi')::jsonb"
)


async def _forget(person: Person) -> Outcome:
    """Acts of the person get a pseudonym; names go from what concerns the person, addresses from every entry."""
    await personal.allow_emptying()
    own = await personal.change(
        "UPDATE audit_entry e SET actor_label = 'person ' || (:account::bigint)::text, ip = '' WHERE e.actor_account_id = :account"
        " AND (e.actor_label <> 'person ' || (:account::bigint)::text OR e.ip <> '')",
        person,
    )
    named = await personal.change(
        f"UPDATE audit_entry e SET {_CLEAN} WHERE {_TEXT} ~* :pattern AND ({_ABOUT} OR {_TEXT} ~* :exact)",  # noqa: S608 - constants
        person,
        pattern=personal.pattern(person, every=True, json=True),
        exact=personal.exact(person, json=True),
    )
    return Outcome(emptied=own + named)


KINDS = (
    Kind(
        "log",
        N_("Entries of the log by you and about you"),
        ("audit_entry.actor_account_id",),
        personal.reader(
            "SELECT e.at, e.actor_account_id = :account AS by_you, e.action, e.object_kind, e.object_id, e.before, e.after,"  # noqa: S608 - constants
            f" CASE WHEN e.actor_account_id = :account THEN e.ip ELSE '' END AS ip FROM audit_entry e WHERE {_ABOUT} ORDER BY e.at, e.id"
        ),
        _forget,
        Fate.EMPTIED,
        N_("The acts stay with a number in place of your name, without your address."),
    ),
)
