"""Reading across slices: here alone one statement may name the tables of several."""

from fairs.core.rows import fetch_as
from fairs.home.rows import EmployerProgress, JourneyProgress

_JOURNEY = """
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


async def journey_progress(account_id: int | None, event_id: int) -> JourneyProgress:
    """What this account's person has done towards a fair. Each a yes or no."""
    (row,) = await fetch_as(JourneyProgress, _JOURNEY, account=account_id, event=event_id)
    return row


async def employer_progress(organisation_id: int) -> EmployerProgress:
    """What this employer has done so far: published, wished (whom it wants to meet), met, agreed. Each a yes or no."""
    (row,) = await fetch_as(
        EmployerProgress,
        "SELECT EXISTS (SELECT 1 FROM listing WHERE organisation = :id AND state = 'published') AS published,"
        " EXISTS (SELECT 1 FROM preference p JOIN listing l ON l.id = p.listing"
        " WHERE l.organisation = :id AND p.side = 'employer' AND p.level <> 'no') AS wished,"
        " EXISTS (SELECT 1 FROM meeting WHERE organisation = :id AND state IN ('scheduled', 'held')) AS met,"
        " EXISTS (SELECT 1 FROM agreement a JOIN agreement_signature s ON s.agreement = a.id"
        " AND s.revision = a.revision AND s.party = 'employer' WHERE a.organisation = :id) AS agreed",
        id=organisation_id,
    )
    return row
