"""A page past the end of a list is its last one, and what is no number is the first: on every page that shows pages."""

import dataclasses
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import httpx
import pytest

from fairs.accounts.actor import SYSTEM, Actor, Grant
from fairs.accounts.invitations import Offer, invite_all
from fairs.accounts.tokens import issue_token
from fairs.core import clock, db
from fairs.core.db import execute, fetchval
from fairs.core.i18n import EVENT_ZONE
from fairs.core.roles import Role
from fairs.events.forms import SpeakerForm
from fairs.events.planning.speakers import add_speaker
from fairs.registrations.asking.forms import NewForm
from fairs.registrations.asking.services import create_form
from fairs.registrations.tables import BulkKind
from fairs.registrations.working import bulk
from fairs.registrations.working.columns import offer
from fairs.registrations.working.queries import Selection
from fairs.registrations.working.wanted import Wanted
from fairs.reports.snapshots.services import freeze_month
from fairs.tours import members as tour_members
from tests import factories
from tests.agreements import scene as agreed
from tests.cast import make_actor, sign_in
from tests.checkin.hall import open_hall
from tests.notifications.test_services import queue

MORE = 3  # rows on the second page
Made = tuple[str, Actor | None]


async def _agreements(side: str, rows: int) -> Made:
    on = await agreed.scene()
    for n in range(rows):
        moment = factories.STARTS + timedelta(hours=n + 1)
        listing = await factories.listing(on.organisation, on.event)
        held = await factories.meeting(on.event, listing, on.organisation, on.talent_id, starts_at=moment)
        await agreed.drawn_up(dataclasses.replace(on, meeting=held))
    viewer = {"me": on.talent, "employer": on.employer, "bureau": on.bureau}[side]
    return f"/{side}/agreements", viewer


async def _registered(rows: int) -> None:
    event = await factories.event(slug="fair")
    for _ in range(rows):
        await factories.registration(event)


async def _codes(rows: int) -> Made:
    event = await factories.event(slug="fair")
    await execute(
        "INSERT INTO access_code (event, name, code, mark) SELECT $1, 'x', n::text, n::text FROM generate_series(1, $2) n",
        event,
        rows,
    )
    return "/organise/editions/fair/codes", await make_actor("organiser")


async def _groups(rows: int) -> Made:
    event = await factories.event(slug="fair")
    await execute(
        "INSERT INTO registration_group (event, name, contact_email, made_at) SELECT $1, n::text, '', now() FROM generate_series(1, $2) n",
        event,
        rows,
    )
    return "/e/fair/groups", await make_actor("organiser")


async def _members(rows: int) -> Made:
    await _registered(rows)
    group = await fetchval(
        "INSERT INTO registration_group (event, name, contact_email, made_at) SELECT id, 'x', '', now() FROM event RETURNING id"
    )
    await execute(
        "INSERT INTO registration_group_member (of_group, registration, to_tell) SELECT $1, id, false FROM registration",
        group,
    )
    return f"/e/fair/groups/{group}", await make_actor("organiser")


async def _offers(rows: int) -> Made:
    await _registered(rows)
    await execute(
        "INSERT INTO place_offer (registration, state, made_at, until, ended_at)"
        " SELECT id, 'lapsed', now(), now(), now() FROM registration"
    )
    return "/organise/editions/fair/offers", await make_actor("organiser")


async def _registrations(rows: int) -> Made:
    await _registered(rows)
    return "/organise/editions/fair/registrations", await make_actor("organiser")


async def _mailings(rows: int) -> Made:
    event = await factories.event(slug="fair")
    await execute(
        "INSERT INTO mailing (event, subject_en) SELECT $1, 'News' FROM generate_series(1, $2::int)", event, rows
    )
    return "/organise/editions/fair/mailings", await make_actor("organiser")


async def _mailed(rows: int) -> Made:
    await _registered(rows)
    await execute("INSERT INTO mailing (event, subject_en, state) SELECT id, 'News', 'sending' FROM event")
    await execute(
        "INSERT INTO mailing_recipient (mailing, registration, address) SELECT m.id, r.id, r.email FROM registration r, mailing m"
    )
    made = await fetchval("SELECT id FROM mailing")
    return f"/organise/editions/fair/mailings/{made}", await make_actor("organiser")


async def _exhibited(rows: int) -> None:
    event = await factories.event(slug="fair")
    organisation = await factories.organisation()
    await execute(
        "INSERT INTO exhibit (event, organisation, kind, state, title_en) SELECT $1, $2, 'work', 'released', 'Work'"
        " FROM generate_series(1, $3::int) n",
        event,
        organisation,
        rows,
    )


async def _gallery(rows: int) -> Made:
    await _exhibited(rows)
    return "/e/fair/exhibits", None


async def _exhibits(rows: int) -> Made:
    await _exhibited(rows)
    return "/organise/editions/fair/exhibits", await make_actor("organiser")


async def _service(rows: int) -> Made:
    event = await factories.event(slug="fair")
    await execute(
        "INSERT INTO service_request (event, unit, topic_en, from_day, to_day) SELECT $1, (SELECT min(id) FROM unit), 'Wheat',"
        " current_date, current_date FROM generate_series(1, $2::int) n",
        event,
        rows,
    )
    return "/bureau/service", await make_actor("organiser")


async def _suppressed(rows: int) -> Made:
    await execute(
        "INSERT INTO mail_suppression (address, kind) SELECT 'p' || n || '@example.org', 'bounced' FROM generate_series(1, $1::int) n",
        rows,
    )
    return "/organise/suppressed", await make_actor("organiser")


async def _pairs(rows: int) -> Made:
    await execute(
        "INSERT INTO talent (email, name_passport) SELECT 't' || n || '@example.org', 'Maria' FROM generate_series(0, $1::int) n",
        rows,
    )
    await execute(
        "INSERT INTO duplicate_pair (one, other, score) SELECT a.id, b.id, 80 FROM talent a JOIN talent b ON b.id > a.id"
        " AND a.email = 't0@example.org'"
    )
    return "/organise/duplicates", await make_actor("organiser")


async def _merged(rows: int) -> Made:
    await execute(
        "INSERT INTO person_merge (kept, gone, undo_until) SELECT n, n + 1, now() FROM generate_series(1, $1::int) n",
        rows,
    )
    return "/organise/merges", await make_actor("organiser")


async def _bulk_action(rows: int) -> Made:
    await _registered(rows)
    organiser = await make_actor("organiser")
    event = await fetchval("SELECT id FROM event WHERE slug = 'fair'")
    everybody = Selection(event, Wanted())
    act = await bulk.draft("fair", BulkKind.TAG, everybody, await offer(event), by=organiser)
    await bulk.begin("fair", act, argument="VIP", by=organiser)
    return f"/organise/editions/fair/registrations/acts/{act}", organiser


async def _measure(rows: int) -> Made:
    await _registered(rows)
    return "/e/fair/dashboard/registered", await make_actor("organiser")


async def _outbox(rows: int) -> Made:
    for n in range(rows):
        await queue(to_email=f"p{n}@example.org")
    return "/organise/outbox", await make_actor("organiser")


async def _listed(rows: int) -> int:
    organisation, event = await factories.organisation(), await factories.event(slug="fair")
    for _ in range(rows):
        await factories.listing(organisation, event)
    return organisation


async def _listings(rows: int) -> Made:
    await _listed(rows)
    return "/e/fair/listings", None


async def _own_listings(rows: int) -> Made:
    organisation = await _listed(rows)
    return "/employer/listings", await make_actor("employer", organisation_id=organisation)


async def _approvals(rows: int) -> Made:
    for _ in range(rows):
        await factories.organisation()
    return "/bureau/approvals", await make_actor("organiser")


async def _differences(rows: int) -> Made:
    event, organiser = await factories.event(slug="fair"), await make_actor("organiser")
    month = clock.now().astimezone(ZoneInfo(EVENT_ZONE)).date()
    await freeze_month(event, month, by=organiser)
    for _ in range(rows):
        await factories.registration(event, confirmed_at=clock.now())
    return f"/e/fair/months/{month:%Y-%m}/registered", organiser


async def _representatives(rows: int) -> Made:
    organisation, event = await factories.organisation(), await factories.event(slug="fair")
    for _ in range(rows):
        await factories.registration(event, organisation=organisation, category="employer")
    viewer = await make_actor("employer", organisation_id=organisation)
    return "/employer/events/fair/representatives", viewer


async def _without_tables(rows: int) -> Made:
    event = await factories.event(slug="fair")
    for _ in range(rows):
        await factories.listing(await factories.organisation(), event)
    return "/organise/editions/fair/hall/employers", await make_actor("organiser")


async def _talents(rows: int) -> Made:
    for _ in range(rows):
        await factories.talent(visibility="matched")
    return "/bureau/talents", await make_actor("organiser")


async def _urgent(rows: int) -> Made:
    organisation, event = await factories.organisation(), await factories.event(slug="fair")
    for _ in range(rows):
        await factories.listing(organisation, event, urgent_reason="A key project", urgent_asked=True)
    return "/organise/editions/fair/urgent", await make_actor("organiser")


async def _speakers(rows: int) -> Made:
    await factories.event(slug="fair")
    for n in range(rows):
        form = SpeakerForm(code=f"s{n}", name_zh=f"嘉宾{n}", name_en=f"Speaker {n}")
        await add_speaker("fair", form, by=SYSTEM)
    return "/organise/editions/fair/speakers", await make_actor("organiser")


async def _versions(rows: int) -> Made:
    event = await factories.event(slug="fair")
    await execute(
        "INSERT INTO programme_release (event, number, released_at) SELECT $1, n, now() FROM generate_series(1, $2) n",
        event,
        rows,
    )
    return "/organise/editions/fair/programme/versions", await make_actor("organiser")


async def _people(rows: int) -> Made:
    for n in range(rows - 1):
        await make_actor("staff", email=f"p{n}@example.org", event_id=await factories.event())
    return "/organise/people", await make_actor("organiser")


async def _invitations(rows: int) -> Made:
    event, organiser = await factories.event(), await make_actor("organiser")
    offers = [Offer(f"p{n}@example.org", Grant(Role.STAFF, event_id=event), lang="en") for n in range(rows)]
    await invite_all(offers, by=organiser)
    return "/organise/people?show=invitations", organiser


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
    await _registered(rows)
    form = await create_form("fair", NewForm(), by=SYSTEM)
    return f"/organise/editions/fair/forms/{form}/answers", await make_actor("organiser")


LISTS: dict[str, list[tuple[int, Callable[[int], Awaitable[Made]]]]] = {  # template: rows on a page, how to fill it
    "agreements/list.html": [
        (50, lambda rows: _agreements("me", rows)),
        (50, lambda rows: _agreements("employer", rows)),
        (50, lambda rows: _agreements("bureau", rows)),
    ],
    "mailings/mailings.html": [(25, _mailings)],
    "mailings/mailing.html": [(50, _mailed)],
    "mailings/suppressions.html": [(25, _suppressed)],
    "duplicates/pairs.html": [(25, _pairs)],
    "duplicates/merges.html": [(25, _merged)],
    "registrations/asking/answered.html": [(50, _answered)],
    "registrations/codes/codes.html": [(50, _codes)],
    "registrations/groups/groups.html": [(50, _groups)],
    "registrations/groups/group.html": [(50, _members)],
    "registrations/offering/offers.html": [(25, _offers)],
    "registrations/working/list.html": [(50, _registrations)],
    "registrations/working/act.html": [(50, _bulk_action)],
    "reports/rows.html": [(50, _measure)],
    "reports/snapshots/difference.html": [(50, _differences)],
    "meetings/employers_tables.html": [(50, _without_tables)],
    "notifications/outbox.html": [(25, _outbox)],
    "listings/listings.html": [(20, _listings)],
    "home/employer_listings.html": [(50, _own_listings)],
    "organisations/bureau.html": [(40, _approvals)],
    "home/bureau_talents.html": [(40, _talents)],
    "listings/urgent.html": [(50, _urgent)],
    "home/representatives/list.html": [(50, _representatives)],
    "exhibits/gallery.html": [(24, _gallery)],
    "exhibits/list.html": [(50, _exhibits)],
    "outreach/list.html": [(50, _service)],
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
    "events/speakers.html": [(50, _speakers)],
    "events/versions.html": [(10, _versions)],
    "home/rights/people.html": [(50, _people)],
    "home/rights/invitations.html": [(50, _invitations)],
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
