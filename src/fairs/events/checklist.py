"""What an edition needs before it is published: each point with its state, why, and the page that mends it. No database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from fairs.core.i18n import N_, format_moment, pick
from fairs.events import rules
from fairs.events.inheriting import effective
from fairs.events.rows import EventRow, Readiness

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Standing(StrEnum):
    """How a point stands. Only `blocking` keeps the event from being published."""

    DONE = "done"
    WARNING = "warning"
    BLOCKING = "blocking"


@dataclass(frozen=True)
class Item:
    """A point of the list. `route` and `values` are the page that mends it; without a route an administrator does."""

    title: object
    standing: Standing
    why: object
    route: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def items(event: EventRow, ready: Readiness, *, base_url: str, sends_mail: bool, now: datetime) -> list[Item]:
    """The points that events know themselves, in the order of the work."""
    here = {"slug": event.slug}
    return [
        _place(event, here),
        _contact(event, here),
        _programme(ready, here),
        _rooms(ready, here),
        _gates(ready, here),
        _capacity(event, here),
        _registration(event, here, now),
        _mail(sends_mail),
        _address(base_url),
    ]


def _item(
    title: object, standing: Standing, why: object, route: str = "", values: Mapping[str, str] | None = None
) -> Item:
    return Item(title, standing, why, route, values or {})


def _place(event: EventRow, here: Mapping[str, str]) -> Item:
    title = N_("When and where")
    own = effective(event)
    if own.place_above and own.place_zh and own.place_en:
        why = N_("As in the event above: %(event)s.", event=pick(event.parent_title_zh, event.parent_title_en))
        return _item(title, Standing.DONE, why, "edit_edition", here)
    if event.place_zh and event.place_en:
        return _item(title, Standing.DONE, N_("The place is given in both languages."), "edit_edition", here)
    why = N_("The place is missing in Chinese or in English: people do not know where to go.")
    return _item(title, Standing.WARNING, why, "edit_edition", here)


def _contact(event: EventRow, here: Mapping[str, str]) -> Item:
    title = N_("Contact")
    own = effective(event)
    if own.contact_above and (own.contact_phone or own.contact_email):
        why = N_("As in the event above: %(event)s.", event=pick(event.parent_title_zh, event.parent_title_en))
        return _item(title, Standing.DONE, why, "edit_edition", here)
    if event.contact_phone or event.contact_email:
        return _item(title, Standing.DONE, N_("The public page shows whom to ask."), "edit_edition", here)
    why = N_("No telephone and no e-mail is given: people do not know whom to ask.")
    return _item(title, Standing.WARNING, why, "edit_edition", here)


def _programme(ready: Readiness, here: Mapping[str, str]) -> Item:
    title = N_("Programme")
    if ready.outside:
        why = N_(
            "Sessions outside the days of the event: %(number)s. Move them, or change the days.", number=ready.outside
        )
        return _item(title, Standing.BLOCKING, why, "edition", here)
    if not ready.sessions:
        why = N_("There is no session yet: the public page says that the programme is being drawn up.")
        return _item(title, Standing.WARNING, why, "edition", here)
    if ready.roomless:
        why = N_("Sessions without a room: %(number)s.", number=ready.roomless)
        return _item(title, Standing.WARNING, why, "edition", here)
    return _item(
        title, Standing.DONE, N_("Sessions, each with a room: %(number)s.", number=ready.sessions), "edition", here
    )


def _rooms(ready: Readiness, here: Mapping[str, str]) -> Item:
    title = N_("Rooms")
    if not ready.rooms:
        return _item(title, Standing.WARNING, N_("There is no room yet."), "places", here)
    if ready.seatless:
        why = N_("Rooms without a number of seats: %(number)s.", number=ready.seatless)
        return _item(title, Standing.WARNING, why, "places", here)
    return _item(title, Standing.DONE, N_("Rooms with their seats: %(number)s.", number=ready.rooms), "places", here)


def _gates(ready: Readiness, here: Mapping[str, str]) -> Item:
    title = N_("Gates")
    if ready.entries:
        return _item(title, Standing.DONE, N_("Gates in use: %(number)s.", number=ready.gates), "places", here)
    if ready.entries_off:
        why = N_("All entries are switched off: nobody could come in. Use one again.")
        return _item(title, Standing.BLOCKING, why, "places", here)
    why = N_("There is no entry yet: the main entrance is created when the event is published.")
    return _item(title, Standing.WARNING, why, "places", here)


def _capacity(event: EventRow, here: Mapping[str, str]) -> Item:
    title = N_("Places")
    if event.capacity is None:
        return _item(
            title, Standing.DONE, N_("No limit: everybody who registers gets a place."), "registration_settings", here
        )
    if event.capacity == 0:
        why = N_("There are 0 places: everybody would wait.")
        return _item(title, Standing.WARNING, why, "registration_settings", here)
    return _item(title, Standing.DONE, N_("Places: %(number)s.", number=event.capacity), "registration_settings", here)


def _registration(event: EventRow, here: Mapping[str, str], now: datetime) -> Item:
    """Whether anybody could register between publication and the end of the event."""
    title, route = N_("Registration period"), "registration_settings"
    opens_at, closes_at = event.registration_opens_at, event.registration_closes_at
    if opens_at and opens_at >= event.ends_at:
        why = N_("Registration would open after the end of the event: nobody could register.")
        return _item(title, Standing.BLOCKING, why, route, here)
    found = rules.window(opens_at, closes_at, now)
    if found == rules.Window.AFTER and closes_at:
        why = N_("Registration has been over since %(when)s: nobody can register.", when=_when(closes_at, event))
        return _item(title, Standing.WARNING, why, route, here)
    if found == rules.Window.BEFORE and opens_at:
        why = N_("Registration opens on %(when)s. Until then the page says so.", when=_when(opens_at, event))
        return _item(title, Standing.DONE, why, route, here)
    if closes_at:
        why = N_("Registration is open until %(when)s.", when=_when(closes_at, event))
        return _item(title, Standing.DONE, why, route, here)
    return _item(title, Standing.DONE, N_("Open from publication until the end of the event."), route, here)


def _when(moment: datetime, event: EventRow) -> str:
    return format_moment(moment, event.timezone)


def _mail(sends: bool) -> Item:
    if sends:
        return _item(N_("Mail server"), Standing.DONE, N_("Mail is sent."))
    why = N_(
        "No mail server is set: confirmations and badges stay in the outbox. An administrator sets FAIRS_SMTP_URL."
    )
    return _item(N_("Mail server"), Standing.WARNING, why, "outbox")


def _address(base_url: str) -> Item:
    title = N_("Public address")
    parts = urlsplit(base_url)
    if parts.hostname in LOOPBACK:
        why = N_(
            "Links and QR codes lead to %(address)s, which opens on this machine only. An administrator sets"
            " FAIRS_BASE_URL.",
            address=base_url,
        )
        return _item(title, Standing.WARNING, why)
    if parts.scheme != "https":
        why = N_("%(address)s is not HTTPS: phones open the camera of the scanner on HTTPS only.", address=base_url)
        return _item(title, Standing.WARNING, why)
    return _item(title, Standing.DONE, N_("Links and QR codes lead to %(address)s.", address=base_url))


def blocking(found: Sequence[Item]) -> list[Item]:
    """The points that keep the event from being published."""
    return [item for item in found if item.standing == Standing.BLOCKING]
