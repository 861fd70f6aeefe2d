"""What the agreements tell about a registration on its page in the working list."""

from datetime import datetime

from fairs.accounts.actor import Actor
from fairs.agreements.tables import AgreementState
from fairs.agreements.timeline import BADGES, state_label
from fairs.core.i18n import N_, pick
from fairs.core.rows import Row, fetch_as
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.working.person import Line, Section


class TracedAgreement(Row, frozen=True):
    """An agreement of the person from the event."""

    number: str
    state: AgreementState
    state_since: datetime
    employer_zh: str
    employer_en: str


async def agreements_of(row: RegistrationRow, actor: Actor) -> Section:
    """The agreements of the person from the event of the registration."""
    found = await fetch_as(
        TracedAgreement,
        "SELECT g.number, g.state, g.state_since, o.name_zh AS employer_zh, o.name_en AS employer_en FROM agreement g"
        " JOIN organisation o ON o.id = g.organisation WHERE g.talent = :talent AND g.event = :event ORDER BY g.id DESC",
        talent=row.talent,
        event=row.event,
    )
    lines = [
        Line(
            pick(one.employer_zh, one.employer_en),
            one.state_since,
            one.number,
            BADGES.get(one.state, "neutral"),
            state_label(one.state),
        )
        for one in found
    ]
    return Section(N_("Agreements"), lines, N_("No agreement from this event"))
