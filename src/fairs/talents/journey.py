"""A candidate's progress: profile, registration, wishes, meetings, agreement. Each page shows the next step."""

from dataclasses import dataclass

from msgspec.structs import asdict

from fairs.accounts.actor import Actor
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.rows import fetch_as
from fairs.events.queries import open_fair
from fairs.talents import queries, rules
from fairs.talents.rows import Progress

STEPS: tuple[tuple[str, object, str], ...] = (  # key, words, route
    ("profile", N_("Fill in your profile"), "my_profile"),
    ("registered", N_("Register for the fair"), "my_registrations"),
    ("wished", N_("Choose whom you want to meet"), "my_suggestions"),
    ("met", N_("Meet at the fair"), "my_meetings"),
    ("agreed", N_("Sign an intent agreement"), "my_agreements"),
)
_DONE = """
SELECT EXISTS (SELECT 1 FROM registration r LEFT JOIN talent t ON t.id = r.talent JOIN account a ON a.id = :account
               WHERE r.event = :event AND r.state <> 'cancelled' AND (:account IN (r.registrant, t.account)
                 OR r.email = a.email AND a.email_confirmed_at IS NOT NULL)) AS registered,
       EXISTS (SELECT 1 FROM preference p JOIN talent t ON t.id = p.talent
               WHERE t.account = :account AND p.event = :event AND p.side = 'talent' AND p.level <> 'no') AS wished,
       EXISTS (SELECT 1 FROM meeting m JOIN talent t ON t.id = m.talent
               WHERE t.account = :account AND m.event = :event AND m.state IN ('scheduled', 'held')) AS met,
       EXISTS (SELECT 1 FROM agreement a JOIN talent t ON t.id = a.talent JOIN agreement_signature s
               ON s.agreement = a.id AND s.revision = a.revision AND s.party = 'talent'
               WHERE t.account = :account AND a.event = :event) AS agreed
"""


@dataclass(frozen=True)
class Step:
    """`state`: done, current (the next to do) or todo."""

    words: object
    route: str
    parameters: dict[str, str]
    state: str


async def journey_of(actor: Actor) -> list[Step]:
    """The steps towards the open fair; empty for an account that is no candidate, or when no fair is open."""
    fair = await open_fair()
    if fair is None or Role.CANDIDATE not in actor.roles:
        return []
    talent = await queries.talent_of(actor)
    (row,) = await fetch_as(Progress, _DONE, account=actor.account_id, event=fair.id)
    done = {**asdict(row), "profile": talent is not None and not rules.completeness(asdict(talent)).missing}
    following = next((key for key, _, _ in STEPS if not done[key]), "")
    return [_step(key, words, route, done[key], key == following, fair.slug) for key, words, route in STEPS]


def _step(key: str, words: object, route: str, done: bool, following: bool, slug: str) -> Step:
    if key == "registered" and not done:
        return Step(words, "register", {"slug": slug}, "current" if following else "todo")
    return Step(words, route, {}, "done" if done else "current" if following else "todo")
