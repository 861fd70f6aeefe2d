"""Tells people who may have registered twice, by mail to the earlier address: who registered sees nothing of it."""

from datetime import timedelta

from fairs.core import clock
from fairs.core.i18n import N_
from fairs.core.rows import Row, fetch_as
from fairs.core.schedule import Every, periodic
from fairs.duplicates import rules
from fairs.duplicates.rules import FROM, Known, Strength
from fairs.registrations import emails, phones
from fairs.registrations import rules as registration_rules
from fairs.registrations.emails import Mail
from fairs.registrations.entering import queries as entering
from fairs.registrations.entering.forms import EntryForm
from fairs.registrations.rules import ENDED_STATES

MINUTES = 10
LOOKED_BACK = timedelta(minutes=2 * MINUTES)
MOST = 5_000  # registrations of one run


class Fresh(Row, frozen=True):
    """A registration that somebody just made for themselves; `phone` is sealed."""

    id: int
    event: int
    email: str
    name_native: str
    name_passport: str
    organisation_name: str
    phone: str


@periodic(
    "duplicates-tell",
    Every(MINUTES),
    title=N_("Mail to people who may have registered twice"),
    does=N_(
        "Writes to the address of the earlier registration when somebody registers with the same name and telephone."
    ),
    counts=N_("Mails"),
    question=N_("Look now for people who may just have registered twice?"),
)
async def tell() -> int:
    """One mail for each earlier registration, however often this runs; returns how many may have been registered twice."""
    rows = await fetch_as(
        Fresh,
        "SELECT r.id, r.event, r.email, r.name_native, r.name_passport, r.organisation_name, r.phone FROM registration r"  # noqa: S608 - a constant: the ended states
        f" JOIN event e ON e.id = r.event WHERE r.created_at > :since AND r.registrant IS NOT NULL AND r.state NOT IN {ENDED_STATES}"
        " AND e.ends_at > :now ORDER BY r.id DESC LIMIT :most",
        since=clock.now() - LOOKED_BACK,
        now=clock.now(),
        most=MOST,
    )
    mails = {number: mail for row in rows for number, mail in (await _mails(row)).items()}
    await emails.send_all(list(mails.values()))
    return len(mails)


async def _mails(row: Fresh) -> dict[int, Mail]:
    """To the earlier registrations of the event that are likely to be of the same person, by their id."""
    form = EntryForm(name_native=row.name_native, name_passport=row.name_passport, phone=phones.opened(row.phone))
    me = _known(row.id, row.name_native, row.name_passport, form.phone, row.organisation_name)
    found = {}
    for twin in await entering.twins(row.event, form, row.email):
        if twin.id >= row.id or not twin.email or twin.email == row.email:
            continue
        other = _known(twin.id, twin.name_native, twin.name_passport, phones.opened(twin.phone), twin.organisation_name)
        if rules.score(rules.reasons(me, other)) >= FROM[Strength.LIKELY]:
            found[twin.id] = Mail("maybe_registered_twice", twin.id, key=f"maybe_registered_twice:{twin.id}")
    return found


def _known(number: int, native: str, passport: str, phone: str, organisation: str) -> Known:
    digits = registration_rules.digits(phone)
    return Known(
        number,
        tuple(dict.fromkeys(name for name in (native, passport) if name)),
        phones=frozenset({digits} - {""}),
        places=frozenset({rules.place(organisation)} - {""}),
    )
