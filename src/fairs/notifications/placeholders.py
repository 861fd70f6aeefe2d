"""What the texts of each kind of mail may name, what they must not lack, and how a value is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fairs.core.i18n import N_, gettext

MAILING, NEWSLETTER = "mailing", "newsletter"
_PERSON = "name event place number when sessions link badge_link event_link"
_AGREEMENT = "name number title employer talent link"
_MEETING = "name other title when place table event link"


@dataclass(frozen=True)
class Kind:
    """A kind of mail. `sources`: placeholder → the variable it is taken from, if it has another name."""

    names: tuple[str, ...]
    required: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    per_event: bool = False


def _kind(names: str, required: str = "", *, per_event: bool = False, **sources: str) -> Kind:
    return Kind(tuple(names.split()), tuple(required.split()), sources, per_event)


def _person(more: str = "", required: str = "", **sources: str) -> Kind:
    return _kind(f"{_PERSON} {more}", required, per_event=True, **sources)


KINDS: dict[str, Kind] = {
    "registration_confirmed": _person(required="badge_link"),
    "registration_waitlisted": _person("position", "link"),
    "place_offered": _person("until offer_link", "until offer_link"),
    "place_lapsed": _person(),
    "registration_promoted": _person(required="badge_link"),
    "registration_reminder": _person("days", days="what"),
    "registration_cancelled": _person("reason who", "event", reason="what"),
    "registration_pending": _person("link", "link"),
    "registration_reviewed": _person(required="badge_link"),
    "registration_rejected": _person("reason", "reason", reason="what"),
    "registration_moved": _person(required="when"),
    "session_cancelled": _person("cancelled_sessions", "cancelled_sessions", cancelled_sessions="ended"),
    "event_cancelled": _person("reason", "reason", reason="what"),
    "badge_reissued": _person(required="badge_link"),
    "maybe_registered_twice": _person("link", "link"),
    "meeting_scheduled": _kind(_MEETING, "when", per_event=True),
    "meeting_moved": _kind(_MEETING, "when", per_event=True),
    "meeting_cancelled": _kind(f"{_MEETING} reason", "when", per_event=True),
    "meetings_reminder": _kind("name event place day meetings link", "meetings", per_event=True),
    "interest_mutual": _kind("name other title link", "link"),
    "wishes_digest": _kind("name count wishes link settings", "link settings"),
    "agreement_to_sign": _kind(_AGREEMENT, "link", per_event=True),
    "agreement_signed": _kind(_AGREEMENT, "link", per_event=True),
    "agreement_verified": _kind(_AGREEMENT, "link", per_event=True),
    "agreement_unverified": _kind(f"{_AGREEMENT} who reason", "reason link", per_event=True),
    "agreement_returned": _kind(f"{_AGREEMENT} who reason", "reason link", per_event=True),
    "agreement_ended": _kind(f"{_AGREEMENT} who reasons note", "reasons", per_event=True),
    "agreement_lapsed": _kind(_AGREEMENT, "link", per_event=True),
    "agreement_follow_up": _kind(f"{_AGREEMENT} days state lapses", "link", per_event=True),
    "organisation_received": _kind("name organisation uscc unit link", "link"),
    "organisation_approved": _kind("name organisation unit note link", "link"),
    "organisation_rejected": _kind("name organisation unit note link", "note link"),
    "organisation_reopened": _kind("name organisation unit reason", "reason"),
    "sign_in_link": _kind("name link minutes", "link"),
    "confirm_address": _kind("link days", "link"),
    "reset_password": _kind("name link minutes", "link"),
    "change_address": _kind("link minutes", "link"),
    "address_changed": _kind("name"),
    "account_closed": _kind("name"),
    "presence_code": _kind("name code minutes", "code"),
    "signing_code": _kind("number code minutes", "code"),
    "two_factor_reset": _kind("name"),
    "passkey_added": _kind("name"),
    "invitation": _kind("name inviter scope days link", "link"),
    "registration_list": _kind("name title event count link settings", "link settings"),
    "work_digest": _kind("name count lines settings", "lines settings"),
    "tour_invited": _kind("name event when answer_by link", "link", per_event=True),
    "tour_news": _kind("name event title stop when changes place link", "link", per_event=True, when="at"),
    "tour_thanks": _kind("name event steps link", "link", per_event=True),
    "tour_stop_asked": _kind("name event stop when count link", "link", per_event=True),
    "exhibit_released": _kind("name title event link", "link", per_event=True),
    "exhibit_returned": _kind("name title event reason link", "reason link", per_event=True),
    "service_asked": _kind("name title place when reason link", "link", per_event=True),
    "webhook_paused": _kind("name webhook link", "link"),
}
WITH_CASES = frozenset(  # whose built-in text differs by what has happened
    {
        "agreement_returned",
        "agreement_to_sign",
        "interest_mutual",
        "invitation",
        "meeting_cancelled",
        "registration_cancelled",
        "registration_moved",
        "tour_invited",
        "tour_stop_asked",
        "wishes_digest",
    }
)
OF_MAILINGS: dict[str, Kind] = {
    MAILING: _person(),
    NEWSLETTER: _person("unsubscribe_link", "unsubscribe_link"),
}
WORDS: dict[str, object] = {
    "name": N_("The person's name"),
    "event": N_("The event's title"),
    "place": N_("Where it is"),
    "number": N_("The number of the registration or agreement"),
    "when": N_("When it is, in both clocks"),
    "sessions": N_("The sessions signed up to"),
    "link": N_("The page where it goes on"),
    "badge_link": N_("The badge"),
    "event_link": N_("The public page of the event"),
    "position": N_("The position in the waiting list"),
    "until": N_("Until when the place is kept, in both clocks"),
    "offer_link": N_("The page where the place is accepted"),
    "days": N_("How many days"),
    "reason": N_("The reason given"),
    "who": N_("Who did it"),
    "cancelled_sessions": N_("The cancelled sessions with their reasons"),
    "other": N_("The other side"),
    "title": N_("What it is about"),
    "table": N_("The number of the table"),
    "day": N_("The day"),
    "meetings": N_("The meetings of the day"),
    "count": N_("How many"),
    "wishes": N_("Who wants to meet"),
    "settings": N_("The page where this mail is turned off"),
    "employer": N_("The employer of the agreement"),
    "talent": N_("The talent of the agreement"),
    "reasons": N_("The reason given"),
    "note": N_("The note beside the decision"),
    "state": N_("Where the agreement stands"),
    "lapses": N_("The day on which it lapses"),
    "organisation": N_("The employer"),
    "uscc": N_("The employer's credit code"),
    "unit": N_("The bureau's place"),
    "minutes": N_("How many minutes it is valid"),
    "code": N_("The code"),
    "inviter": N_("Who invites"),
    "scope": N_("For what the role is"),
    "lines": N_("What waits"),
    "webhook": N_("The name of the webhook"),
    "answer_by": N_("The day by which to answer"),
    "stop": N_("The stop of the tour"),
    "changes": N_("What has changed"),
    "steps": N_("The agreed next steps, one in each line"),
    "unsubscribe_link": N_("The page that ends the newsletter for this address"),
}


def kind_of(kind: str) -> Kind:
    """The placeholders of a kind. Raises KeyError."""
    return KINDS[kind] if kind in KINDS else OF_MAILINGS[kind]


def values_of(kind: str, variables: Mapping[str, Any], lang: str) -> dict[str, str]:
    """placeholder → text, of everything that the kind may name; in the language that is set."""
    known = kind_of(kind)
    return {name: _text(variables.get(known.sources.get(name, name)), lang) for name in known.names}


def _text(value: Any, lang: str) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "\n".join(_line(item, lang) for item in value)
    if isinstance(value, Mapping):
        return _clocks(value) if "event" in value else str(value.get(lang, ""))
    return str(value)


def _clocks(when: Mapping[str, Any]) -> str:
    """The hours at the place, then the reader's own if they differ."""
    own = when.get("own")
    return gettext("%(there)s (your time: %(own)s)", there=when["event"], own=own) if own else str(when["event"])


_PARTS = ("title", "other", "what", "table", "when", "number", "reason", "link")


def _line(item: Any, lang: str) -> str:
    """One of several: its title first, then what else there is."""
    if not isinstance(item, Mapping):
        return str(item)
    if item.get("label"):  # a change
        return f"{item['label']}{gettext(': ')}" + " → ".join(
            filter(None, (item.get("before"), item.get("after") or "—"))
        )
    shown = [_text(item[name], lang) for name in _PARTS if item.get(name)]
    return gettext(", ").join(shown)
