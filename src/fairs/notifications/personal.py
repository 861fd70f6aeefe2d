"""Mails to a person, and mails to others that name the person."""

from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import Fate, Kind, Outcome, Person

_ENDED = "state IN ('sent', 'kept', 'failed', 'bounced', 'aborted')"
_OWN = "(m.to_email = ANY(:emails::text[]) OR m.account_id = :account)"
_NAMED = (
    "(m.subject || ' ' || m.body_text || ' ' || m.body_html || ' ' || m.to_name || ' ' || m.last_error) ~* :pattern"
)
_SCRUBBED = ", ".join(
    f"{column} = regexp_replace({column}, :pattern, '***', 'gi')"
    for column in ("subject", "body_text", "body_html", "to_name", "last_error")
)


async def _forget(person: Person) -> Outcome:
    """Mails to the person go, mails to others lose the person; what is on its way is left for the next time."""
    pattern = personal.pattern(person)
    gone = await personal.change(
        f"DELETE FROM outgoing_mail m WHERE {_OWN} AND {_ENDED}",  # noqa: S608 - constants
        person,
    )
    gone += await personal.change(
        f"DELETE FROM outgoing_mail m WHERE {_OWN} AND m.state = 'held'",  # noqa: S608 - constants
        person,
    )
    await personal.change(
        f"DELETE FROM mail_attachment x USING outgoing_mail m WHERE m.id = x.mail AND m.{_ENDED} AND {_NAMED}",  # noqa: S608 - constants
        person,
        pattern=pattern,
    )
    named = await personal.change(
        f"UPDATE outgoing_mail m SET {_SCRUBBED}, sealed = '' WHERE {_ENDED} AND {_NAMED}",  # noqa: S608 - constants
        person,
        pattern=pattern,
    )
    return Outcome(deleted=gone, emptied=named, waiting=await waiting(person))


async def waiting(person: Person) -> int:
    """Mails to the person, or that name the person, which are still to be sent."""
    sql = f"SELECT count(*) FROM outgoing_mail m WHERE NOT {_ENDED} AND ({_OWN} OR {_NAMED})"  # noqa: S608 - constants
    return await personal.number(sql, person, pattern=personal.pattern(person))


KINDS = (
    Kind(
        "mails",
        N_("Mails sent to you"),
        ("outgoing_mail.to_email", "outgoing_mail.account_id"),
        personal.reader(
            "SELECT m.id, m.kind, m.lang, m.to_email, m.to_name, m.subject, m.body_text, m.state, m.created_at, m.sent_at,"  # noqa: S608 - constants
            " (SELECT array_agg(x.filename) FROM mail_attachment x WHERE x.mail = m.id) AS attachments"
            f" FROM outgoing_mail m WHERE {_OWN} ORDER BY m.id"
        ),
        _forget,
        Fate.DELETED,
        N_("Copies of mails to others lose your name."),
    ),
)
