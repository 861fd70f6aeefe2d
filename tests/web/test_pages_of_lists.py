"""A page past the end of a list is its last one, and what is no number is the first: on every page that shows pages."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.accounts.tokens import issue_token
from fairs.core import clock, db
from fairs.core.db import execute
from fairs.registrations.asking.forms import NewForm
from fairs.registrations.asking.services import create_form
from fairs.tours import members as tour_members
from tests import factories
from tests.cast import make_actor, sign_in
from tests.checkin.hall import open_hall
from tests.web import long_lists
from tests.web.long_lists import Made

MORE = 3  # rows on the second page


async def _visitors(rows: int) -> Made:
    event, organisation = await factories.event(slug="fair"), await factories.organisation()
    for _ in range(rows):
        await factories.lead(event, organisation, await factories.registration(event))
    return "/employer/events/fair/leads", await make_actor("employer", organisation_id=organisation)


async def _tour(rows: int) -> Made:
    event, organiser = await factories.event(slug="tour", kind="tour"), await make_actor("organiser")
    for _ in range(rows):
        await factories.registration(event)
    await tour_members.take_over("tour", by=organiser)
    return "/organise/editions/tour/tour/people", organiser


async def _journeys(rows: int) -> Made:
    _, organiser = await _tour(rows)
    return "/organise/editions/tour/tour/arrivals", organiser


async def _letters(rows: int) -> Made:
    _, organiser = await _tour(rows)
    await db.execute(
        "INSERT INTO tour_letter (event, member, kind, state) SELECT event, id, 'F', 'refused' FROM tour_member"
    )
    return "/organise/editions/tour/tour/letters", organiser


async def _expenses(rows: int) -> Made:
    event, organiser = await factories.event(slug="tour", kind="tour"), await make_actor("organiser")
    await db.execute(
        "INSERT INTO tour_expense (event, day, kind, amount) SELECT $1, '2027-01-01', 'meal', n FROM generate_series(1, $2::int) n",
        event,
        rows,
    )
    return "/organise/editions/tour/tour/expenses", organiser


async def _attended(rows: int) -> Made:
    event, organisation = await factories.event(slug="fair"), await factories.organisation()
    listing = await factories.listing(organisation, event)
    for _ in range(rows):
        await factories.meeting(event, listing, organisation, await factories.talent())
    return "/organise/editions/fair/attendance", await make_actor("organiser")


async def _tokens(rows: int) -> Made:
    organiser = await make_actor("organiser")
    for n in range(rows):
        await issue_token("api", f"token {n}", by=organiser, account_id=organiser.account_id)
    return "/organise/access", organiser


async def _runs(rows: int) -> Made:
    await execute(
        "INSERT INTO periodic_run (name, due_at, state, attempts, finished_at, error)"
        " SELECT 'upkeep-purge', now() - n * interval '1 day', 'done', 1, now(), ''"
        " FROM generate_series(1, $1) n",
        rows,
    )
    return "/organise/clock/upkeep-purge", await make_actor("organiser")


async def _rehearsals(rows: int) -> Made:
    event = await factories.event(slug="fair")
    await execute(
        "INSERT INTO rehearsal (event, state, day, people, lanes, desks, printers, seconds)"
        " SELECT $1, 'failed', now()::date, n, 1, 1, 1, 60 FROM generate_series(1, $2) n",
        event,
        rows,
    )
    return "/organise/editions/fair/rehearsals", await make_actor("organiser")


async def _scanned(rows: int) -> None:
    """A scan of each person at the main entry now, each a conflict."""
    hall = await open_hall(slug="fair")
    for _ in range(rows):
        registration = await factories.registration(hall.event)
        await execute(
            "INSERT INTO scan (uuid, gate, device_id, registration, direction, outcome, scanned_at, offline, conflict,"
            " first_scanned_at) VALUES (gen_random_uuid(), $1, $2, $3, 'in', 'admitted', $4, true, true, $4)",
            hall.gate,
            hall.device.token_id,
            registration,
            clock.now(),
        )


async def _conflicts(rows: int) -> Made:
    await _scanned(rows)
    return "/organise/editions/fair/conflicts", await make_actor("organiser")


async def _gate(rows: int) -> Made:
    await _scanned(rows)
    return "/organise/editions/fair/gates/main-in", await make_actor("organiser")


async def _inside(rows: int) -> Made:
    await _scanned(rows)
    return "/organise/editions/fair/inside", await make_actor("organiser")


async def _printed(rows: int) -> Made:
    hall = await open_hall(slug="fair")
    for _ in range(rows):
        await hall.badge()
    await execute("INSERT INTO badge_print (badge, way, at) SELECT id, 'desk', now() FROM badge")
    return "/organise/editions/fair/badges/printed", await make_actor("organiser")


async def _answered(rows: int) -> Made:
    await long_lists.registered(rows)
    form = await create_form("fair", NewForm(), by=SYSTEM)
    return f"/organise/editions/fair/forms/{form}/answers", await make_actor("organiser")


LISTS: dict[str, list[tuple[int, Callable[[int], Awaitable[Made]]]]] = {  # template: rows on a page, how to fill it
    "agreements/list.html": [
        (50, lambda rows: long_lists.agreements("me", rows)),
        (50, lambda rows: long_lists.agreements("employer", rows)),
        (50, lambda rows: long_lists.agreements("bureau", rows)),
    ],
    "mailings/mailings.html": [(25, long_lists.mailings)],
    "mailings/mailing.html": [(50, long_lists.mailed)],
    "mailings/suppressions.html": [(25, long_lists.suppressed)],
    "duplicates/pairs.html": [(25, long_lists.pairs)],
    "duplicates/merges.html": [(25, long_lists.merged)],
    "registrations/asking/answered.html": [(50, _answered)],
    "registrations/codes/codes.html": [(50, long_lists.codes)],
    "registrations/groups/groups.html": [(50, long_lists.groups)],
    "registrations/groups/group.html": [(50, long_lists.members)],
    "registrations/offering/offers.html": [(25, long_lists.offers)],
    "registrations/working/list.html": [(50, long_lists.registrations)],
    "registrations/working/act.html": [(50, long_lists.bulk_action)],
    "tours/report_rows.html": [(50, long_lists.agreed_on_a_tour)],
    "reports/rows.html": [(50, long_lists.measure)],
    "reports/snapshots/difference.html": [(50, long_lists.differences)],
    "meetings/employers_tables.html": [(50, long_lists.without_tables)],
    "notifications/outbox.html": [(25, long_lists.outbox)],
    "listings/listings.html": [(20, long_lists.listings)],
    "home/employer_listings.html": [(50, long_lists.own_listings)],
    "organisations/bureau.html": [(40, long_lists.approvals)],
    "home/bureau_talents.html": [(40, long_lists.talents)],
    "listings/urgent.html": [(50, long_lists.urgent)],
    "home/representatives/list.html": [(50, long_lists.representatives)],
    "exhibits/gallery.html": [(24, long_lists.gallery)],
    "exhibits/list.html": [(50, long_lists.exhibits)],
    "outreach/list.html": [(50, long_lists.service)],
    "leads/list.html": [(50, _visitors)],
    "tours/people.html": [(50, _tour)],
    "tours/arrivals.html": [(50, _journeys)],
    "tours/letters.html": [(50, _letters)],
    "tours/expenses.html": [(50, _expenses)],
    "meetings/attendance.html": [(50, _attended)],
    "checkin/rehearsals.html": [(50, _rehearsals)],
    "checkin/conflicts.html": [(50, _conflicts)],
    "checkin/gate.html": [(50, _gate)],
    "checkin/inside.html": [(50, _inside)],
    "badges/batches/printed.html": [(50, _printed)],
    "events/speakers.html": [(50, long_lists.speakers)],
    "events/versions.html": [(10, long_lists.versions)],
    "home/rights/people.html": [(50, long_lists.people)],
    "home/rights/invitations.html": [(50, long_lists.invitations)],
    "home/access.html": [(25, _tokens)],
    "upkeep/job.html": [(25, _runs)],
}


def test_every_page_with_pages_is_looked_at() -> None:
    templates = Path(__file__).parents[2] / "templates"
    found = {
        str(path.relative_to(templates))
        for path in templates.rglob("*.html")
        if "{{ pager(" in path.read_text(encoding="utf-8")
    }
    assert found - {"styleguide.html"} == LISTS.keys()


@pytest.mark.parametrize(
    ("size", "fill"),
    [case for cases in LISTS.values() for case in cases],
    ids=[f"{name} {at}" for name, cases in LISTS.items() for at, _ in enumerate(cases)],
)
async def test_a_page_past_the_end_is_the_last_page(
    client: httpx.AsyncClient, size: int, fill: Callable[[int], Awaitable[Made]]
) -> None:
    total = size + MORE
    path, viewer = await fill(total)
    if viewer:
        await sign_in(client, viewer)

    async def shown(asked: str) -> tuple[str, str, list[tuple[str, str]]]:
        """The count, which page it says it is, and where its rows lead."""
        sent = dict(parse_qsl(urlsplit(path).query)) | {"lang": "en"} | ({"page": asked} if asked else {})
        answer = await client.get(urlsplit(path).path, params=sent)
        assert answer.status_code == 200, asked
        main = answer.text.partition("<main")[2].partition("</main>")[0]
        [count] = re.findall(r'pager__count">([^<]*)<', main)
        [current] = re.findall(r'<span aria-current="page">(Page [^<]*)</span></li>', main)
        return count, current, re.findall(r"<(tr|li|section|details)\b([^>]* data-row.*?)</\1>", main, re.DOTALL)

    first, last = await shown(""), await shown("2")
    assert first[:2] == (f"1 to {size} of {total}", "Page 1 of 2")
    assert last[:2] == (f"{size + 1} to {total} of {total}", "Page 2 of 2")
    assert (len(first[2]), len(last[2])) == (size, MORE)
    assert len({*first[2], *last[2]}) == total
    for past in ("3", "999", "999999"):
        assert await shown(past) == last, past
    for odd in ("1", "0", "-1", "x", "1.5", "²", "99999999999999999999"):
        assert await shown(odd) == first, odd
