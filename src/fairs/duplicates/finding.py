"""Finds pairs that may be one person, among all profiles and registrations, every night and on demand."""

import asyncio
from collections import defaultdict
from datetime import time

from fairs.core import clock, crypto, db
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_bulk
from fairs.core.schedule import Daily, periodic
from fairs.duplicates import rules
from fairs.duplicates.rows import EntryFacts, ProfileFacts
from fairs.duplicates.rules import Known, Pair
from fairs.registrations import phones as registration_phones
from fairs.registrations import rules as registration_rules
from fairs.registrations.rules import ENDED_STATES
from fairs.talents import phones as talent_phones

JOB = "duplicates-find"
_PROFILES = (
    "SELECT id, name_passport, name_native, email, phone, nationality, institution, current_employer,"
    " CASE WHEN headline || summary ~ '\\d{4}-\\d{4}-\\d{4}' THEN headline || ' ' || summary ELSE '' END AS said FROM talent"
    " WHERE name_passport <> '***' AND email NOT LIKE 'closed-%@invalid' ORDER BY id"
)
_ENTRIES = (
    "SELECT r.id, coalesce(r.talent, 0) AS talent, r.event, r.name_passport, r.name_native, r.email, r.phone, r.nationality,"  # noqa: S608 - a constant: the ended states
    " r.organisation_name, coalesce(a.given ->> 'birth', a.given ->> 'birth_date', a.given ->> 'birthday', a.given ->> 'date_of_birth',"
    " a.given ->> 'birth_year', '') AS birth, CASE WHEN a.given::text ~ '\\d{4}-\\d{4}-\\d{4}' THEN a.given::text ELSE '' END AS said"
    " FROM registration r JOIN event e ON e.id = r.event LEFT JOIN registration_answers a ON a.registration = r.id"
    f" WHERE r.name_passport <> '***' AND (r.talent IS NOT NULL OR (r.state NOT IN {ENDED_STATES} AND (e.ends_at > :now OR e.demo)))"
    " ORDER BY r.id"
)


async def records() -> list[Known]:
    """Every profile with its registrations, and every registration without one, as they are compared."""
    profiles = await fetch_bulk(ProfileFacts, _PROFILES)
    entries = await fetch_bulk(EntryFacts, _ENTRIES, now=clock.now())
    return await asyncio.to_thread(_known, profiles, entries)


def _digits(sealed: str, purpose: str) -> str:
    try:
        return registration_rules.digits(crypto.open_text(sealed, purpose)) if sealed else ""
    except ValueError:
        return ""


def _birth(text: str) -> str:
    """A day or a year, as far as it looks like one."""
    text = text.strip()[:10]
    return text if text[:4].isdigit() and len(text) in (4, 10) and "1900" <= text[:4] <= "2100" else ""


def _known(profiles: list[ProfileFacts], entries: list[EntryFacts]) -> list[Known]:
    mine: dict[int, list[EntryFacts]] = defaultdict(list)
    alone: list[EntryFacts] = []
    for entry in entries:
        (mine[entry.talent] if entry.talent else alone).append(entry)
    found = [_of_profile(profile, mine[profile.id]) for profile in profiles]
    return found + [_of_entries(-entry.id, [entry], event=entry.event) for entry in alone]


def _of_profile(row: ProfileFacts, entries: list[EntryFacts]) -> Known:
    own = _of_entries(row.id, entries)
    places = {rules.place(text) for text in (row.institution, row.current_employer) if text}
    return Known(
        row.id,
        tuple(dict.fromkeys(name for name in (row.name_native, row.name_passport) if name)),
        own.emails | ({row.email} - {""}),
        own.phones | ({_digits(row.phone, talent_phones.PURPOSE)} - {""}),
        own.orcids | (rules.orcids_in(row.said) if row.said else frozenset()),
        own.births,
        own.places | places,
        row.nationality,
    )


def _of_entries(key: int, entries: list[EntryFacts], *, event: int = 0) -> Known:
    return Known(
        key,
        tuple(dict.fromkeys(name for row in entries for name in (row.name_native, row.name_passport) if name)),
        frozenset({row.email for row in entries} - {""}),
        frozenset({_digits(row.phone, registration_phones.PURPOSE) for row in entries} - {""}),
        frozenset(orcid for row in entries if row.said for orcid in rules.orcids_in(row.said)),
        frozenset({_birth(row.birth) for row in entries} - {""}),
        frozenset({rules.place(row.organisation_name) for row in entries} - {""}),
        next((row.nationality for row in entries if row.nationality), ""),
        event,
    )


@periodic(
    JOB,
    Daily(time(4, 10)),
    title=N_("Search for people registered twice"),
    does=N_("Compares all profiles and registrations and lists the pairs that may be one person."),
    counts=N_("Pairs"),
    question=N_("Search for people registered twice now?"),
)
async def find() -> int:
    """Compare everybody; returns how many pairs wait for a decision."""
    found = await asyncio.to_thread(rules.pairs, await records())
    await store(found)
    return len(found)


async def store(found: list[Pair]) -> None:
    """The open pairs are those found now; what the staff has told apart stays so."""
    async with db.transaction_or_join():
        await execute("LOCK TABLE duplicate_pair IN SHARE ROW EXCLUSIVE MODE")
        ones, others = [pair.one for pair in found], [pair.other for pair in found]
        await execute(
            "DELETE FROM duplicate_pair d WHERE state = 'open' AND NOT EXISTS (SELECT 1 FROM unnest(:ones::bigint[], :others::bigint[])"
            " AS f (one, other) WHERE f.one = d.one AND f.other = d.other)",
            ones=ones,
            others=others,
        )
        await execute(
            "INSERT INTO duplicate_pair AS d (one, other, score, reasons, found_at) SELECT f.one, f.other, f.score,"
            " string_to_array(f.reasons, ','), :now FROM unnest(:ones::bigint[], :others::bigint[], :scores::int[], :reasons::text[])"
            " AS f (one, other, score, reasons) ON CONFLICT (one, other) DO UPDATE SET score = excluded.score, reasons = excluded.reasons",
            ones=ones,
            others=others,
            scores=[pair.score for pair in found],
            reasons=[",".join(pair.reasons) for pair in found],
            now=clock.now(),
        )
