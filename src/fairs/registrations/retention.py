"""Registrations lose the person three years after the fair; that somebody was registered, from where and as what, stays counted."""

from fairs.core import retention
from fairs.core.i18n import N_

RULES = (
    retention.rows(
        N_("names and addresses of registrations"),
        N_("the end of the fair"),
        "registration",
        "email NOT LIKE 'expired-%@registration.invalid' AND event IN (SELECT id FROM event WHERE ends_at < :before)",
        change="email = 'expired-' || id || '@registration.invalid', name_passport = '***', name_native = '', organisation_name = '',"
        " phone = '', search_key = '', registrant = NULL",
        key="listings",
    ),
    retention.rows(
        N_("notes of the staff on registrations"),
        N_("the end of the fair"),
        "registration_note",
        "registration IN (SELECT r.id FROM registration r JOIN event e ON e.id = r.event WHERE e.ends_at < :before)",
        key="listings",
    ),
)
