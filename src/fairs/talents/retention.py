"""An expired profile is emptied: what a curriculum vitae holds goes, the name stays for what the person took part in."""

from fairs.accounts.actor import SYSTEM
from fairs.audit.services import record_all
from fairs.core import clock
from fairs.core.rows import fetch_values
from fairs.talents import services

FILLED = (
    "(t.headline <> '' OR t.summary <> '' OR t.institution <> '' OR t.current_employer <> '' OR t.phone <> ''"
    " OR t.skills <> '{}' OR t.visibility <> 'private')"
)
"""Whether a profile `t` still has what expires."""


async def empty(ids: list[int]) -> int:
    """Empty these profiles and hide them; returns how many."""
    gone = await fetch_values(
        int,
        "UPDATE talent t SET residence_country = '', phone = '', degree = '', institution = '', grad_year = NULL,"  # noqa: S608 - a constant above
        " current_employer = '', discipline = '', headline = '', summary = '', skills = '{}', languages = '{}',"
        " engagement = '{}', cities = '{}', available_from = NULL, pay_min = NULL, has_project = false,"
        " visibility = 'private', consent_version = '', consent_at = NULL, search_key = '', updated_at = :now"
        f" WHERE t.id = ANY(:ids::bigint[]) AND {FILLED} RETURNING t.id",
        ids=ids,
        now=clock.now(),
    )
    await record_all("talent.expire", "talent", [(talent, {"emptied": True}) for talent in gone], by=SYSTEM)
    await services.encode_all(gone)
    return len(gone)
