"""How far a candidate has come: profile, registration, wishes, meetings, agreement. Each page says the next step."""

from msgspec.structs import asdict

from fairs.accounts.actor import Actor
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.events.choosing import current_fair
from fairs.home import queries
from fairs.talents import rules
from fairs.talents.journey import Step
from fairs.talents.queries import talent_of

STEPS: tuple[tuple[str, object, str], ...] = (  # key, words, route
    ("profile", N_("Fill in your profile"), "my_profile"),
    ("registered", N_("Register for the fair"), "my_registrations"),
    ("wished", N_("Choose whom you want to meet"), "my_suggestions"),
    ("met", N_("Meet at the fair"), "my_meetings"),
    ("agreed", N_("Sign an intent agreement"), "my_agreements"),
)


async def find_journey(actor: Actor) -> list[Step]:
    """The steps towards the chosen fair; none for who is not a candidate, or when there is no fair."""
    fair = await current_fair(actor)
    if fair is None or Role.CANDIDATE not in actor.roles:
        return []
    talent = await talent_of(actor)
    row = await queries.journey_progress(actor.account_id, fair.id)
    done = {**asdict(row), "profile": talent is not None and not rules.completeness(asdict(talent)).missing}
    following = next((key for key, _, _ in STEPS if not done[key]), "")
    return [_step(key, words, route, done[key], key == following, fair.slug) for key, words, route in STEPS]


def _step(key: str, words: object, route: str, done: bool, following: bool, slug: str) -> Step:
    if key == "registered" and not done:
        return Step(words, "register", {"slug": slug}, "current" if following else "todo")
    return Step(words, route, {}, "done" if done else "current" if following else "todo")
