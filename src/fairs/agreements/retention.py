"""Profiles that led to no agreement expire after the fair. Agreements are kept for ten years, then handed to the archive."""

from datetime import datetime

from fairs.core.i18n import N_
from fairs.core.retention import Rule
from fairs.core.rows import fetch_value, fetch_values
from fairs.talents import retention as talents
from fairs.upkeep import periods

# The last fair of a person, or the last change of a profile that never came to one. A consent given after that fair renews the
# period once, to twice its length.
_EXPIRED = f"""
talent t LEFT JOIN LATERAL (
    SELECT max(e.ends_at) AS ended FROM registration r JOIN event e ON e.id = r.event
    WHERE r.talent = t.id AND r.state = 'confirmed') f ON true
WHERE {talents.FILLED}
AND coalesce(f.ended, t.updated_at) < CASE WHEN t.consent_at > f.ended THEN :before::timestamptz - make_interval(days => :days)
    ELSE :before::timestamptz END
AND NOT EXISTS (SELECT 1 FROM agreement a WHERE a.talent = t.id AND a.state NOT IN ('lapsed', 'terminated'))
"""  # noqa: S608 - constants of the code
_NOT_KEPT = f"""
talent t JOIN LATERAL (
    SELECT max(e.ends_at) AS ended FROM registration r JOIN event e ON e.id = r.event
    WHERE r.talent = t.id AND r.state = 'confirmed') f ON f.ended < :before
WHERE {talents.FILLED} AND NOT t.keep_after
AND NOT EXISTS (SELECT 1 FROM agreement a WHERE a.talent = t.id AND a.state NOT IN ('lapsed', 'terminated'))
"""  # noqa: S608 - constants of the code
_OLD = "agreement WHERE created_at < :before"


async def _days() -> int:
    return (await periods.in_force())["cvs"]


async def _profiles(before: datetime) -> int:
    return await fetch_value(int, f"SELECT count(*) FROM {_EXPIRED}", before=before, days=await _days())  # noqa: S608 - a constant above


async def _empty_profiles(before: datetime) -> int:
    ids = await fetch_values(int, f"SELECT t.id FROM {_EXPIRED} ORDER BY t.id", before=before, days=await _days())  # noqa: S608 - a constant above
    return await talents.empty(ids)


async def _unwanted(before: datetime) -> int:
    return await fetch_value(int, f"SELECT count(*) FROM {_NOT_KEPT}", before=before)  # noqa: S608 - a constant above


async def _empty_unwanted(before: datetime) -> int:
    return await talents.empty(await fetch_values(int, f"SELECT t.id FROM {_NOT_KEPT} ORDER BY t.id", before=before))  # noqa: S608 - a constant above


async def _old(before: datetime) -> int:
    return await fetch_value(int, f"SELECT count(*) FROM {_OLD}", before=before)  # noqa: S608 - a constant above


async def _keep(before: datetime) -> int:
    return 0


RULES = (
    Rule(
        N_("profiles that shall not be kept after the fair"),
        N_("the end of the last fair"),
        _unwanted,
        _empty_unwanted,
        key="cvs_not_kept",
    ),
    Rule(
        N_("profiles that led to no agreement"),
        N_("the end of the last fair"),
        _profiles,
        _empty_profiles,
        key="cvs",
    ),
    Rule(
        N_("agreements to hand to the archive; none is deleted"),
        N_("the day they were drawn up"),
        _old,
        _keep,
        key="agreements",
    ),
)
