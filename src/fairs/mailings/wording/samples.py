"""Values for a preview: those of a real registration, and plausible ones for what it does not have."""

from typing import Any

import msgspec

from fairs.core import i18n
from fairs.core.i18n import N_
from fairs.core.rows import fetch_values
from fairs.notifications.services import base_url
from fairs.registrations import emails, queries
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.rules import ENDED_STATES

_PLAUSIBLE: dict[str, object] = {
    "name": N_("Example Person"),
    "event": N_("Talent fair"),
    "place": N_("Convention centre"),
    "number": "HN-000001",
    "position": 3,
    "minutes": 30,
    "days": 7,
    "code": "482913",
    "what": "7",
    "who": N_("the organisers"),
    "reason": N_("The hall is closed."),
    "reasons": N_("Another plan"),
    "note": N_("The licence cannot be read."),
    "other": N_("Institute of Photonics"),
    "title": N_("Postdoctoral researcher"),
    "stop": N_("Institute of Photonics"),
    "table": 12,
    "day": N_("Saturday"),
    "count": 2,
    "employer": N_("Institute of Photonics"),
    "talent": N_("Example Person"),
    "state": N_("Signed by both sides"),
    "lapses": N_("Saturday"),
    "organisation": N_("Institute of Photonics"),
    "uscc": "91410100MA4000001X",
    "unit": N_("Zhengzhou"),
    "inviter": N_("Wang Fang"),
    "scope": N_("Zhengzhou"),
    "webhook": "Ministry",
}


async def latest_registrations(event_id: int | None, count: int = 1) -> list[RegistrationRow]:
    """The last registrations, of an event or of all, the newest first."""
    ids = await fetch_values(
        int,
        f"SELECT id FROM registration WHERE (:event::bigint IS NULL OR event = :event) AND state NOT IN {ENDED_STATES}"  # noqa: S608 - a constant: the ended states
        " ORDER BY id DESC LIMIT :count",
        event=event_id,
        count=count,
    )
    found = await queries.registrations_by_ids(ids)
    return [found[number] for number in ids if number in found]


async def variables_of(row: RegistrationRow, lang: str) -> dict[str, Any]:
    """The variables of a registration's mails in a language, be it the person's or not."""
    sessions = await queries.sessions_of_all([row.id]) if row.has_sessions else {}
    return emails.variables(msgspec.structs.replace(row, lang=lang), row.own_zone or "", sessions.get(row.id, []))


async def sample(lang: str, row: RegistrationRow | None) -> dict[str, Any]:
    """Variables of every kind of mail."""
    with i18n.language(lang):
        made: dict[str, Any] = {
            name: str(value) if not isinstance(value, int) else value for name, value in _PLAUSIBLE.items()
        }
        when = {"event": i18n.gettext("Sat 27 Oct, 09:00 to 17:00"), "own": ""}
        line = {"title": made["title"], "other": made["other"], "table": 12, "when": when}
        made |= {name: f"{base_url()}/" for name in ("link", "badge_link", "offer_link", "event_link", "settings")}
        made |= {
            "when": when,
            "until": when,
            "answer_by": i18n.gettext("Sat 27 Oct"),
            "sessions": [],
            "at": when,
            "changes": [{"label": i18n.gettext("Begins"), "before": "09:00", "after": "09:30"}],
            "meetings": [line],
            "steps": [{**line, "what": i18n.gettext("Talks continue"), "when": "", "table": ""}],
            "ended": [{**line, "reason": made["reason"]}],
        }
        made |= {"wishes": [line], "lines": [{"what": i18n.gettext("Employers to approve"), "number": 2}]}
        made["unsubscribe_link"] = f"{base_url()}/newsletters/…"
    real = await variables_of(row, lang) if row else {}
    return made | {name: value for name, value in real.items() if name != "until" or value["event"]}
