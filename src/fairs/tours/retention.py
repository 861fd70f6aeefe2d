"""What people of tours told about journeys, needs and passports goes 30 days after the tour; they themselves after three years."""

from datetime import timedelta

from fairs.core import retention
from fairs.core.i18n import N_

_TOUR = N_("the end of the tour")
_OVER = "event IN (SELECT id FROM event WHERE ends_at < :before)"
_MEMBER = f"member IN (SELECT id FROM tour_member WHERE {_OVER})"  # noqa: S608 - a constant
RULES = (
    retention.rows(N_("passports of tours"), _TOUR, "tour_passport", _MEMBER, key="identity_numbers"),
    retention.rows(
        N_("texts of invitation letters"),
        _TOUR,
        "tour_letter",
        f"document <> '' AND {_OVER}",
        change="document = ''",
        key="identity_numbers",
    ),
    retention.rows(N_("journeys of tours"), _TOUR, "tour_trip", _MEMBER, key="travel"),
    retention.rows(N_("needs of people on tours"), _TOUR, "tour_need", _MEMBER, key="travel"),
    retention.rows(N_("rooms given on tours"), _TOUR, "tour_sleeper", _MEMBER, key="travel"),
    retention.rows(
        N_("drivers of tours"),
        _TOUR,
        "tour_vehicle",
        f"(driver_name <> '' OR driver_phone <> '') AND {_OVER}",
        change="driver_name = '', driver_phone = ''",
        key="travel",
    ),
    retention.rows(N_("interpreters of tours"), _TOUR, "tour_interpreter", _OVER, key="travel"),
    retention.rows(
        N_("links to sheets of tours"),
        N_("the end of the link"),
        "tour_sheet_link",
        "expires_at < :before",
        after=timedelta(days=30),
    ),
    retention.rows(N_("people of tours"), _TOUR, "tour_member", _OVER, key="listings"),
)
