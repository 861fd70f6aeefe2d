"""Which mailings went to a person, and whether the address gets any."""

from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import Fate, Kind, Outcome, Person

_OWN = "(x.registration = ANY(:registrations::bigint[]) OR lower(x.address) = ANY(:emails::text[]))"


async def _forget(person: Person) -> Outcome:
    """That a mailing went to somebody stays counted, without the address; what waits is not written any more."""
    return Outcome(
        emptied=await personal.change(
            "UPDATE mailing_recipient x SET address = 'forgotten-' || x.id || '@registration.invalid', unsubscribe_hash = NULL,"  # noqa: S608 - constants
            f" state = CASE state WHEN 'waiting' THEN 'aborted' ELSE state END WHERE {_OWN}"
            " AND address NOT LIKE 'forgotten-%@registration.invalid'",
            person,
        )
    )


KINDS = (
    Kind(
        "mailings",
        N_("Mailings that you were meant to get"),
        ("mailing_recipient.registration",),
        personal.reader(
            "SELECT m.subject_zh, m.subject_en, x.address, x.state, x.reason, x.created_at FROM mailing_recipient x"  # noqa: S608 - constants
            f" JOIN mailing m ON m.id = x.mailing WHERE {_OWN} ORDER BY x.id"
        ),
        _forget,
        Fate.EMPTIED,
        N_("That a mailing went to somebody stays counted, without the address."),
    ),
    Kind(
        "suppressions",
        N_("Why your address gets no mailings"),
        ("mail_suppression.address",),
        personal.reader(
            "SELECT to_jsonb(s) AS entry FROM mail_suppression s WHERE lower(s.address) = ANY(:emails::text[])"
        ),
        personal.deleter("DELETE FROM mail_suppression WHERE lower(address) = ANY(:emails::text[])"),
    ),
)
