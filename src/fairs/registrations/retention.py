"""Registrations lose the person three years after the fair; that somebody was registered, from where and as what, stays counted."""

from datetime import timedelta

from fairs.core import retention
from fairs.core.i18n import N_

_OVER = "registration IN (SELECT r.id FROM registration r JOIN event e ON e.id = r.event WHERE e.ends_at < :before)"
_FAIR = N_("the end of the fair")
RULES = (
    retention.rows(
        N_("answers about travel, food and hotel"),
        _FAIR,
        "registration_answers",
        f"brief <> '{{}}' AND {_OVER}",
        change="brief = '{}'",
        key="travel",
    ),
    retention.rows(
        N_("numbers of documents in registrations"),
        _FAIR,
        "registration_answers",
        f"sealed <> '' AND {_OVER}",
        change="sealed = ''",
        key="identity_numbers",
    ),
    retention.rows(
        N_("files of registrations that are kept until the fair"),
        _FAIR,
        "registration_file",
        f"brief AND {_OVER}",
        key="travel",
    ),
    retention.rows(N_("options chosen in registrations"), _FAIR, "registration_option", _OVER, key="travel"),
    retention.rows(N_("answers of registrations"), _FAIR, "registration_answers", _OVER, key="listings"),
    retention.rows(N_("files of registrations"), _FAIR, "registration_file", _OVER, key="listings"),
    retention.rows(N_("photos that a desk has taken"), _FAIR, "registration_photo", _OVER, after=timedelta(days=30)),
    retention.rows(
        N_("registrations that were typed and never sent"),
        N_("the last change"),
        "registration_draft",
        "updated_at < :before",
        after=timedelta(days=60),
    ),
    retention.rows(
        N_("names and addresses of registrations"),
        N_("the end of the fair"),
        "registration",
        "email NOT LIKE 'expired-%@registration.invalid' AND event IN (SELECT id FROM event WHERE ends_at < :before)",
        change="email = 'expired-' || id || '@registration.invalid', name_passport = '***', name_native = '', organisation_name = '',"
        " phone = '', search_key = '', relation = '', registrant = NULL",
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
