"""Registrations of a person."""

import contextlib
from typing import Any

from fairs.accounts.actor import SYSTEM
from fairs.core import clock, personal
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.personal import Fate, Kind, Outcome, Person
from fairs.core.rows import Row, fetch_as, fetch_values
from fairs.files.services import let_go
from fairs.registrations import phones, services
from fairs.registrations.rules import ENDED_STATES

_EMPTY = (
    "UPDATE registration SET email = 'forgotten-' || id || '@registration.invalid', name_passport = '***', name_native = '',"
    " organisation_name = '', phone = '', badge_name = '', relation = '', search_key = '', registrant = NULL, cancel_reason = '',"
    " updated_at = :now WHERE id = ANY(:registrations::bigint[]) AND email NOT LIKE 'forgotten-%@registration.invalid'"
)


class _Found(Row, frozen=True):
    """A registration of the person."""

    id: int
    name_passport: str
    name_native: str
    badge_name: str
    phone: str


def _opened(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "phone": phones.opened(row["phone"])}


async def find(person: Person) -> Person:
    """Adds the registrations that the account made for itself, of the profile and of the address."""
    rows = await fetch_as(
        _Found,
        "SELECT id, name_passport, name_native, badge_name, phone FROM registration WHERE registrant = :account"
        " OR talent = ANY(:talents::bigint[]) OR (email = ANY(:emails::text[]) AND email <> '')"
        " OR companion_of IN (SELECT h.id FROM registration h WHERE h.registrant = :account OR h.talent = ANY(:talents::bigint[])"
        " OR (h.email = ANY(:emails::text[]) AND h.email <> '')) ORDER BY id",
        account=person.account or 0,
        talents=list(person.talents),
        emails=list(person.emails),
    )
    words = [
        text for row in rows for text in (row.name_passport, row.name_native, row.badge_name, phones.opened(row.phone))
    ]
    return Person(
        person.account,
        person.emails,
        person.talents,
        tuple(dict.fromkeys((*person.registrations, *(row.id for row in rows)))),
        person.organisations,
        personal.words_of((*person.words, *words)),
    )


async def _forget(person: Person) -> Outcome:
    """Places at fairs to come are free for others; what is left counts as before."""
    live = await fetch_values(
        int,
        "SELECT r.id FROM registration r JOIN event e ON e.id = r.event WHERE r.id = ANY(:ids::bigint[])"  # noqa: S608 - a constant: the ended states
        f" AND r.state NOT IN {ENDED_STATES} AND e.ends_at > :now ORDER BY r.id",
        ids=list(person.registrations),
        now=clock.now(),
    )
    for registration in live:
        with contextlib.suppress(Conflict):  # a companion has ended with the main one
            await services.cancel(registration, by=SYSTEM, reason="account closed")
    photos = await fetch_values(
        str,
        "DELETE FROM registration_photo WHERE registration = ANY(:ids::bigint[]) RETURNING photo::text",
        ids=list(person.registrations),
    )
    for photo in photos:
        await let_go(photo)
    return Outcome(emptied=await personal.change(_EMPTY, person, now=clock.now()))


async def _forget_codes(person: Person) -> Outcome:
    """Revoked too: without its address a code would be open to everybody."""
    sql = "UPDATE access_code SET email = '', name = '', revoked_at = coalesce(revoked_at, :now) WHERE email = ANY(:emails::text[]) AND email <> ''"
    return Outcome(emptied=await personal.change(sql, person, now=clock.now()))


KINDS = (
    Kind(
        "registrations",
        N_("Your registrations and sessions"),
        (
            "registration.talent",
            "registration.registrant",
            "registration.email",
            "registration_session.registration",
            "registration.companion_of",
            "registration_key.registration",
            "desk_entry.registration",
            "registration_photo.registration",
            "place_offer.registration",
            "access_code_use.registration",
        ),
        personal.reader(
            "SELECT r.number, e.slug AS event, r.category, r.state, r.email, r.name_passport, r.name_native, r.badge_name,"
            " r.nationality, r.relation, r.organisation_name, r.phone, r.days, r.lang, r.created_at, r.confirmed_at, r.cancelled_at,"
            " r.cancel_reason, (SELECT array_agg(s.code ORDER BY s.starts_at) FROM registration_session x"
            " JOIN event_session s ON s.id = x.session WHERE x.registration = r.id) AS sessions,"
            " (SELECT array_agg(d.slip ORDER BY d.id) FROM desk_entry d WHERE d.registration = r.id) AS slips,"
            " (SELECT p.photo::text FROM registration_photo p WHERE p.registration = r.id) AS photo,"
            " (SELECT c.code FROM access_code_use u JOIN access_code c ON c.id = u.code WHERE u.registration = r.id) AS invitation_code,"
            " (SELECT jsonb_agg(jsonb_build_object('until', o.until, 'state', o.state) ORDER BY o.id) FROM place_offer o"
            " WHERE o.registration = r.id) AS offers FROM registration r JOIN event e ON e.id = r.event WHERE r.id = ANY(:registrations::bigint[]) ORDER BY r.id",
            _opened,
        ),
        _forget,
        Fate.EMPTIED,
        N_("Places at coming fairs are released. That somebody was registered, from where and as what, stays counted."),
    ),
    Kind(
        "access_codes",
        N_("Invitation codes made for your address"),
        ("access_code.email",),
        personal.reader(
            "SELECT e.slug AS event, c.code, c.category, c.email, c.made_at, c.expires_at, c.revoked_at FROM access_code c"
            " JOIN event e ON e.id = c.event WHERE c.email = ANY(:emails::text[]) AND c.email <> '' ORDER BY c.id"
        ),
        _forget_codes,
        Fate.EMPTIED,
        N_("The codes are revoked and name no address."),
    ),
)
