"""Read profiles. Plain SQL reads tables of higher slices (listing, preference, meeting, registration)."""

import msgspec

from fairs.accounts.actor import Actor
from fairs.core import crypto
from fairs.core.errors import NotFound
from fairs.core.roles import Role
from fairs.core.rows import fetch_as, fetch_one_as
from fairs.talents import phones
from fairs.talents.rows import (
    ConsentEntry,
    ListingWish,
    OwnMeeting,
    OwnPreference,
    OwnRegistration,
    RelatedTalent,
    Seen,
    TalentRow,
    Unclaimed,
)
from fairs.talents.rules import Relation, View, view_of

COLUMNS = (
    "t.id, t.account, t.unit, t.email, t.name_passport, t.name_native, t.nationality, t.residence_country, t.phone,"
    " t.degree, t.institution, t.grad_year, t.current_employer, t.discipline, t.headline, t.summary, t.summary_lang,"
    " t.skills, t.languages, t.engagement, t.cities, t.available_from, t.pay_min, t.has_project, t.visibility,"
    " t.consent_version, t.consent_at, t.search_key, t.demo, t.created_at, t.updated_at"
)
WANTED = "('must', 'meet')"
_RELATION = f"""
WITH mine AS (SELECT id FROM organisation WHERE id = ANY(:organisations::bigint[]) AND state = 'approved')
SELECT {COLUMNS},
       EXISTS (SELECT 1 FROM mine) AS approved_employer,
       EXISTS (SELECT 1 FROM preference a JOIN preference b ON b.talent = a.talent AND b.listing = a.listing
               JOIN listing l ON l.id = a.listing
               WHERE a.talent = t.id AND a.side = 'talent' AND b.side = 'employer' AND a.level IN {WANTED}
                 AND b.level IN {WANTED} AND l.organisation IN (SELECT id FROM mine)) AS mutual,
       EXISTS (SELECT 1 FROM meeting m WHERE m.talent = t.id AND m.state IN ('scheduled', 'held')
               AND m.organisation IN (SELECT id FROM mine)) AS meeting
FROM talent t WHERE t.id = :id
"""  # noqa: S608 - constants of the code; values are named arguments


async def talent_of(actor: Actor) -> TalentRow | None:
    """The actor's own profile, if there is one."""
    row = await fetch_one_as(
        TalentRow,
        f"SELECT {COLUMNS} FROM talent t WHERE t.account = :account",  # noqa: S608 - constants of the code; values are named arguments
        account=actor.account_id,
    )
    return phones.opened(row) if row else None


async def talent_for(actor: Actor, talent_id: int) -> Seen:
    """A profile as far as this actor may see it. Raises NotFound for unrelated actors."""
    if not 0 < talent_id < 2**63:
        raise NotFound
    row = await fetch_one_as(RelatedTalent, _RELATION, id=talent_id, organisations=actor.organisation_ids)
    if row is None:
        raise NotFound
    relation = Relation(
        is_self=actor.account_id is not None and row.account == actor.account_id,
        sees_everything=actor.sees_everything,
        own_bureau=row.unit is not None and row.unit in actor.unit_ids,
        any_bureau=Role.BUREAU in actor.roles,
        approved_employer=row.approved_employer,
        mutual=row.mutual,
        meeting=row.meeting,
    )
    view = view_of(row.visibility, relation)
    if view == View.NOTHING:
        raise NotFound
    shown = msgspec.structs.replace(row, email="", phone="") if view < View.CONTACT else phones.opened(row)
    values = {name: getattr(shown, name) for name in TalentRow.__struct_fields__}
    return Seen(**values, view=view, is_self=relation.is_self)


async def unclaimed(actor: Actor) -> Unclaimed | None:
    """A profile that a registration created for the actor's address and that has not been opened yet."""
    row = await fetch_one_as(
        Unclaimed,
        f"SELECT {COLUMNS}, a.email_confirmed_at IS NOT NULL AS proved FROM talent t JOIN account a ON a.email = t.email"  # noqa: S608 - constants of the code; values are named arguments
        " WHERE a.id = :account AND t.account IS NULL",
        account=actor.account_id,
    )
    return phones.opened(row) if row else None


async def wishes_between(talent_id: int, organisation_ids: list[int]) -> list[ListingWish]:
    """The published listings of these employers, each with both sides' answers about meeting this person."""
    return await fetch_as(
        ListingWish,
        "SELECT l.id, l.title_zh, l.title_en, e.level AS employer_level, t.level AS talent_level FROM listing l"
        " JOIN organisation o ON o.id = l.organisation AND o.state = 'approved'"
        " LEFT JOIN preference e ON e.listing = l.id AND e.talent = :talent AND e.side = 'employer'"
        " LEFT JOIN preference t ON t.listing = l.id AND t.talent = :talent AND t.side = 'talent'"
        " WHERE l.organisation = ANY(:organisations::bigint[]) AND l.state = 'published' ORDER BY l.published_at DESC, l.id",
        talent=talent_id,
        organisations=organisation_ids,
    )


async def consent_history(talent_id: int) -> list[ConsentEntry]:
    """Consents given and withdrawn, with version and time, oldest first, from the audit log."""
    return await fetch_as(
        ConsentEntry,
        "SELECT at, action, before, after FROM audit_entry WHERE object_kind = 'talent' AND object_id = :talent"
        " AND action IN ('talent.consent_give', 'talent.consent_withdraw') ORDER BY at, id",
        talent=str(talent_id),
    )


async def registrations_of(actor: Actor) -> list[OwnRegistration]:
    """The person's registrations, for the export: the profile's, the account's own, the proved address's."""
    rows = await fetch_as(
        OwnRegistration,
        "SELECT r.number, e.slug AS event, r.category, r.state, r.email, r.name_passport, r.name_native, r.nationality,"
        " r.organisation_name, r.phone, r.created_at, r.confirmed_at, r.cancelled_at FROM registration r"
        " JOIN event e ON e.id = r.event JOIN account a ON a.id = :account WHERE r.registrant = a.id"
        " OR r.talent = (SELECT id FROM talent WHERE account = a.id)"
        " OR (r.email = a.email AND a.email_confirmed_at IS NOT NULL) ORDER BY r.created_at, r.id",
        account=actor.account_id,
    )
    return [msgspec.structs.replace(row, phone=crypto.open_text(row.phone, phones.REGISTRATION)) for row in rows]


async def preferences_of(talent_id: int) -> list[OwnPreference]:
    """The person's answers to listings, for the export."""
    return await fetch_as(
        OwnPreference,
        "SELECT p.listing, l.title_zh, l.title_en, p.level, p.updated_at FROM preference p"
        " JOIN listing l ON l.id = p.listing WHERE p.talent = :talent AND p.side = 'talent' ORDER BY p.id",
        talent=talent_id,
    )


async def meetings_of(talent_id: int) -> list[OwnMeeting]:
    """The person's meetings, for the export; the employer's own note is left out."""
    return await fetch_as(
        OwnMeeting,
        "SELECT m.listing, o.name_zh AS organisation, m.starts_at, m.ends_at, m.state FROM meeting m"
        " JOIN organisation o ON o.id = m.organisation WHERE m.talent = :talent ORDER BY m.starts_at, m.id",
        talent=talent_id,
    )
