"""What the badges tell about a registration on its page in the working list."""

from datetime import datetime

from fairs.accounts.actor import Actor
from fairs.core.i18n import N_
from fairs.core.rows import Row, fetch_as
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.working.person import Line, Section


class TracedBadge(Row, frozen=True):
    """A badge with what became of it."""

    issued_at: datetime
    revoked_at: datetime | None
    revoked_reason: str
    until: datetime | None
    handed_at: datetime | None
    prints: int


async def badges_of(row: RegistrationRow, actor: Actor) -> Section:
    """Every badge of a registration, the latest first."""
    found = await fetch_as(
        TracedBadge,
        "SELECT b.issued_at, b.revoked_at, b.revoked_reason, b.until, b.handed_at, (SELECT count(*) FROM badge_print p"
        " WHERE p.badge = b.id) AS prints FROM badge b WHERE b.registration = :id ORDER BY b.id DESC",
        id=row.id,
    )
    return Section(N_("Badge"), [_line(badge, row) for badge in found], N_("No badge yet"))


def _line(badge: TracedBadge, row: RegistrationRow) -> Line:
    told = [str(N_("Printed %(times)s times", times=badge.prints)) if badge.prints else str(N_("Never printed"))]
    if badge.handed_at is not None:
        told.append(str(N_("handed out")))
    if badge.revoked_at is not None:
        return Line(str(N_("Issued")), badge.issued_at, badge.revoked_reason, "neutral", str(N_("Revoked badge")))
    word = str(N_("Temporary badge")) if badge.until is not None else str(N_("Valid badge"))
    return Line(
        str(N_("Issued")), badge.issued_at, ", ".join(told), "success", word, "my_badge", {"number": row.number}
    )
