"""All stored data about a person, for that person to take along."""

from typing import Any

import msgspec
from msgspec.structs import asdict

from fairs.accounts import queries as accounts
from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.home import queries
from fairs.leads.queries import leads_of_person
from fairs.registrations.asking.calls import answers_told_of, drafts_of
from fairs.talents import consents
from fairs.talents import queries as talents
from fairs.talents.rows import ConsentEntry

HIDDEN = frozenset({"id", "account", "unit", "search_key", "demo"})


async def own_data(actor: Actor) -> dict[str, Any]:
    """Account, profile, consents with their texts, registrations, preferences, meetings, and what employers noted, ready for JSON."""
    assert actor.account_id is not None
    talent = await talents.talent_of(actor)
    talent_id = talent.id if talent else 0
    sessions = await accounts.sessions_of(actor.account_id)
    return {
        "made_at": clock.now(),
        "account": {
            "name": actor.name,
            "email": actor.email,
            "language": actor.lang,
            "timezone": actor.timezone,
            "roles": sorted(actor.roles),
            "signed_in": [
                {name: value for name, value in msgspec.structs.asdict(row).items() if name != "id"} for row in sessions
            ],
        },
        "profile": {name: value for name, value in asdict(talent).items() if name not in HIDDEN} if talent else None,
        "consents": [_logged(row) for row in await talents.consent_history(talent_id)],
        "consent_texts": consents.versions(),
        "registrations": [asdict(row) for row in await queries.registrations_of(actor)],
        "answers": await answers_told_of(actor),
        "typed_and_not_sent": await drafts_of(actor),
        "preferences": [asdict(row) for row in await queries.preferences_of(talent_id)],
        "meetings": [asdict(row) for row in await queries.meetings_of(talent_id)],
        "visited_employers": [asdict(row) for row in await leads_of_person(actor)],
    }


def _logged(row: ConsentEntry) -> dict[str, Any]:
    stated = row.after or row.before
    return {"at": row.at, "action": row.action, **(msgspec.json.decode(stated) if stated else {})}
