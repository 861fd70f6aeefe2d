"""Reads who stands at the desk, and what there is between them."""

from fairs.agreements.desk.rows import AtDesk, DeskAgreement, DeskMeeting
from fairs.core.rows import fetch_as, fetch_one_as
from fairs.leads.queries import visitor_of


async def person_of(event_id: int, code: str) -> AtDesk | None:
    """Who is behind a badge's code or a registration's number; None when it is no badge of ours."""
    visitor, _ = await visitor_of(event_id, 0, code)
    if visitor is None:
        return None
    return await fetch_one_as(
        AtDesk,
        "SELECT r.id AS registration, r.event, :confirmed::boolean AS confirmed, :revoked::boolean AS revoked,"
        " r.category = 'employer' AS employer, r.talent, r.organisation, r.name_passport, r.name_native,"
        " coalesce(o.name_zh, r.organisation_name) AS organisation_zh, coalesce(o.name_en, '') AS organisation_en"
        " FROM registration r LEFT JOIN organisation o ON o.id = r.organisation WHERE r.id = :id",
        id=visitor.registration,
        confirmed=visitor.confirmed,
        revoked=visitor.revoked,
    )


async def agreements_between(event_id: int, talent_id: int, organisation_id: int) -> list[DeskAgreement]:
    """The agreements of the two at the event, those to sign first."""
    return await fetch_as(
        DeskAgreement,
        "SELECT a.number, a.state, a.title_zh, a.title_en, array(SELECT s.party FROM agreement_signature s"
        " WHERE s.agreement = a.id AND s.revision = a.revision ORDER BY s.id)::text[] AS signed FROM agreement a"
        " WHERE a.event = :event AND a.talent = :talent AND a.organisation = :organisation"
        " ORDER BY a.state NOT IN ('lead', 'talks', 'intent', 'returned'), a.id DESC",
        event=event_id,
        talent=talent_id,
        organisation=organisation_id,
    )


async def latest_meeting(event_id: int, talent_id: int, organisation_id: int) -> DeskMeeting | None:
    """The latest meeting of the two at the event that was not cancelled."""
    return await fetch_one_as(
        DeskMeeting,
        "SELECT id, state, outcome, starts_at FROM meeting WHERE event = :event AND talent = :talent"
        " AND organisation = :organisation AND state <> 'cancelled' ORDER BY starts_at DESC, id DESC LIMIT 1",
        event=event_id,
        talent=talent_id,
        organisation=organisation_id,
    )
