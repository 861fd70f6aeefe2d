"""Whom a mail about a pair of listing and person is for."""

from collections.abc import Sequence

from fairs.core.rows import fetch_as
from fairs.core.wishes import Side
from fairs.meetings.rows import (
    Contact,
    EmployersContact,
    PersonsContact,
)


async def of_pairs(pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], list[tuple[Side, Contact]]]:
    """(listing, talent) → contacts: ("talent", …) and, if there is one, ("employer", …), the member who requested the
    meeting, else the first member."""
    talents = await fetch_as(
        PersonsContact,
        "SELECT t.id, a.id AS account_id, t.email, coalesce(nullif(CASE WHEN coalesce(a.lang, 'en') = 'zh' THEN"
        " t.name_native ELSE '' END, ''), t.name_passport) AS name, coalesce(a.lang, 'en') AS lang,"
        " coalesce(a.timezone, '') AS timezone FROM talent t LEFT JOIN account a ON a.id = t.account"
        " WHERE t.id = ANY(:talents::bigint[])",
        talents=[talent for _, talent in pairs],
    )
    employers = await fetch_as(
        EmployersContact,
        "SELECT x.listing, x.talent, c.account_id, c.email, c.name, c.lang, c.timezone"
        " FROM unnest(:listings::bigint[], :talents::bigint[]) AS x (listing, talent)"
        " JOIN listing l ON l.id = x.listing CROSS JOIN LATERAL ("
        " SELECT a.id AS account_id, a.email, a.name, a.lang, a.timezone FROM membership s"
        " JOIN account a ON a.id = s.account AND a.active"
        " LEFT JOIN preference p ON p.listing = l.id AND p.talent = x.talent AND p.side = 'employer' AND p.set_by = a.id"
        " WHERE s.organisation_id = l.organisation AND s.role = 'employer' ORDER BY (p.id IS NULL), s.id LIMIT 1) c",
        listings=[listing for listing, _ in pairs],
        talents=[talent for _, talent in pairs],
    )
    people: dict[int, Contact] = {row.id: row for row in talents}
    contacts_of = {pair: [(Side.TALENT, people[pair[1]])] for pair in pairs}
    for row in employers:
        contacts_of[row.listing, row.talent].append((Side.EMPLOYER, row))
    return contacts_of
