"""Lists with many rows: each function makes so many, and says which page shows them and to whom."""

import dataclasses
from datetime import timedelta
from zoneinfo import ZoneInfo

from fairs.accounts.actor import SYSTEM, Actor, Grant
from fairs.accounts.invitations import Offer, invite_all
from fairs.core import clock
from fairs.core.db import execute, fetchval
from fairs.core.i18n import EVENT_ZONE
from fairs.core.roles import Role
from fairs.events.forms import SpeakerForm
from fairs.events.planning.speakers import add_speaker
from fairs.registrations.tables import BulkKind
from fairs.registrations.working import bulk
from fairs.registrations.working.columns import offer
from fairs.registrations.working.queries import Selection
from fairs.registrations.working.wanted import Wanted
from fairs.reports.snapshots.services import freeze_month
from tests import factories
from tests.agreements import scene as agreed
from tests.cast import make_actor
from tests.notifications.test_services import queue

Made = tuple[str, Actor | None]


async def _drawn_up(rows: int) -> agreed.Scene:
    on = await agreed.scene()
    for n in range(rows):
        moment = factories.STARTS + timedelta(hours=n + 1)
        listing = await factories.listing(on.organisation, on.event)
        held = await factories.meeting(on.event, listing, on.organisation, on.talent_id, starts_at=moment)
        await agreed.drawn_up(dataclasses.replace(on, meeting=held))
    return on


async def agreements(side: str, rows: int) -> Made:
    on = await _drawn_up(rows)
    viewer = {"me": on.talent, "employer": on.employer, "bureau": on.bureau}[side]
    return f"/{side}/agreements", viewer


async def agreed_on_a_tour(rows: int) -> Made:
    on = await _drawn_up(rows)
    slug = await fetchval("SELECT slug FROM event WHERE id = $1", on.event)
    return f"/organise/editions/{slug}/tour/report/agreements", on.organiser


async def registered(rows: int) -> None:
    event = await factories.event(slug="fair")
    for _ in range(rows):
        await factories.registration(event)


async def codes(rows: int) -> Made:
    event = await factories.event(slug="fair")
    await execute(
        "INSERT INTO access_code (event, name, code, mark) SELECT $1, 'x', n::text, n::text FROM generate_series(1, $2) n",
        event,
        rows,
    )
    return "/organise/editions/fair/codes", await make_actor("organiser")


async def groups(rows: int) -> Made:
    event = await factories.event(slug="fair")
    await execute(
        "INSERT INTO registration_group (event, name, contact_email, made_at) SELECT $1, n::text, '', now() FROM generate_series(1, $2) n",
        event,
        rows,
    )
    return "/e/fair/groups", await make_actor("organiser")


async def members(rows: int) -> Made:
    await registered(rows)
    group = await fetchval(
        "INSERT INTO registration_group (event, name, contact_email, made_at) SELECT id, 'x', '', now() FROM event RETURNING id"
    )
    await execute(
        "INSERT INTO registration_group_member (of_group, registration, to_tell) SELECT $1, id, false FROM registration",
        group,
    )
    return f"/e/fair/groups/{group}", await make_actor("organiser")


async def offers(rows: int) -> Made:
    await registered(rows)
    await execute(
        "INSERT INTO place_offer (registration, state, made_at, until, ended_at)"
        " SELECT id, 'lapsed', now(), now(), now() FROM registration"
    )
    return "/organise/editions/fair/offers", await make_actor("organiser")


async def registrations(rows: int) -> Made:
    await registered(rows)
    return "/organise/editions/fair/registrations", await make_actor("organiser")


async def mailings(rows: int) -> Made:
    event = await factories.event(slug="fair")
    await execute(
        "INSERT INTO mailing (event, subject_en) SELECT $1, 'News' FROM generate_series(1, $2::int)", event, rows
    )
    return "/organise/editions/fair/mailings", await make_actor("organiser")


async def mailed(rows: int) -> Made:
    await registered(rows)
    await execute("INSERT INTO mailing (event, subject_en, state) SELECT id, 'News', 'sending' FROM event")
    await execute(
        "INSERT INTO mailing_recipient (mailing, registration, address) SELECT m.id, r.id, r.email FROM registration r, mailing m"
    )
    made = await fetchval("SELECT id FROM mailing")
    return f"/organise/editions/fair/mailings/{made}", await make_actor("organiser")


async def exhibited(rows: int) -> None:
    event = await factories.event(slug="fair")
    organisation = await factories.organisation()
    await execute(
        "INSERT INTO exhibit (event, organisation, kind, state, title_en) SELECT $1, $2, 'work', 'released', 'Work'"
        " FROM generate_series(1, $3::int) n",
        event,
        organisation,
        rows,
    )


async def gallery(rows: int) -> Made:
    await exhibited(rows)
    return "/e/fair/exhibits", None


async def exhibits(rows: int) -> Made:
    await exhibited(rows)
    return "/organise/editions/fair/exhibits", await make_actor("organiser")


async def service(rows: int) -> Made:
    event = await factories.event(slug="fair")
    await execute(
        "INSERT INTO service_request (event, unit, topic_en, from_day, to_day) SELECT $1, (SELECT min(id) FROM unit), 'Wheat',"
        " current_date, current_date FROM generate_series(1, $2::int) n",
        event,
        rows,
    )
    return "/bureau/service", await make_actor("organiser")


async def suppressed(rows: int) -> Made:
    await execute(
        "INSERT INTO mail_suppression (address, kind) SELECT 'p' || n || '@example.org', 'bounced' FROM generate_series(1, $1::int) n",
        rows,
    )
    return "/organise/suppressed", await make_actor("organiser")


async def pairs(rows: int) -> Made:
    await execute(
        "INSERT INTO talent (email, name_passport) SELECT 't' || n || '@example.org', 'Maria' FROM generate_series(0, $1::int) n",
        rows,
    )
    await execute(
        "INSERT INTO duplicate_pair (one, other, score) SELECT a.id, b.id, 80 FROM talent a JOIN talent b ON b.id > a.id"
        " AND a.email = 't0@example.org'"
    )
    return "/organise/duplicates", await make_actor("organiser")


async def merged(rows: int) -> Made:
    await execute(
        "INSERT INTO person_merge (kept, gone, undo_until) SELECT n, n + 1, now() FROM generate_series(1, $1::int) n",
        rows,
    )
    return "/organise/merges", await make_actor("organiser")


async def bulk_action(rows: int) -> Made:
    await registered(rows)
    organiser = await make_actor("organiser")
    event = await fetchval("SELECT id FROM event WHERE slug = 'fair'")
    everybody = Selection(event, Wanted())
    act = await bulk.draft("fair", BulkKind.TAG, everybody, await offer(event), by=organiser)
    await bulk.begin("fair", act, argument="VIP", by=organiser)
    return f"/organise/editions/fair/registrations/acts/{act}", organiser


async def measure(rows: int) -> Made:
    await registered(rows)
    return "/e/fair/dashboard/registered", await make_actor("organiser")


async def outbox(rows: int) -> Made:
    for n in range(rows):
        await queue(to_email=f"p{n}@example.org")
    return "/organise/outbox", await make_actor("organiser")


async def listed(rows: int) -> int:
    organisation, event = await factories.organisation(), await factories.event(slug="fair")
    for _ in range(rows):
        await factories.listing(organisation, event)
    return organisation


async def listings(rows: int) -> Made:
    await listed(rows)
    return "/e/fair/listings", None


async def own_listings(rows: int) -> Made:
    organisation = await listed(rows)
    return "/employer/listings", await make_actor("employer", organisation_id=organisation)


async def approvals(rows: int) -> Made:
    for _ in range(rows):
        await factories.organisation()
    return "/bureau/approvals", await make_actor("organiser")


async def differences(rows: int) -> Made:
    event, organiser = await factories.event(slug="fair"), await make_actor("organiser")
    month = clock.now().astimezone(ZoneInfo(EVENT_ZONE)).date()
    await freeze_month(event, month, by=organiser)
    for _ in range(rows):
        await factories.registration(event, confirmed_at=clock.now())
    return f"/e/fair/months/{month:%Y-%m}/registered", organiser


async def representatives(rows: int) -> Made:
    organisation, event = await factories.organisation(), await factories.event(slug="fair")
    for _ in range(rows):
        await factories.registration(event, organisation=organisation, category="employer")
    viewer = await make_actor("employer", organisation_id=organisation)
    return "/employer/events/fair/representatives", viewer


async def without_tables(rows: int) -> Made:
    event = await factories.event(slug="fair")
    for _ in range(rows):
        await factories.listing(await factories.organisation(), event)
    return "/organise/editions/fair/hall/employers", await make_actor("organiser")


async def talents(rows: int) -> Made:
    for _ in range(rows):
        await factories.talent(visibility="matched")
    return "/bureau/talents", await make_actor("organiser")


async def urgent(rows: int) -> Made:
    organisation, event = await factories.organisation(), await factories.event(slug="fair")
    for _ in range(rows):
        await factories.listing(organisation, event, urgent_reason="A key project", urgent_asked=True)
    return "/organise/editions/fair/urgent", await make_actor("organiser")


async def speakers(rows: int) -> Made:
    await factories.event(slug="fair")
    for n in range(rows):
        form = SpeakerForm(code=f"s{n}", name_zh=f"嘉宾{n}", name_en=f"Speaker {n}")
        await add_speaker("fair", form, by=SYSTEM)
    return "/organise/editions/fair/speakers", await make_actor("organiser")


async def versions(rows: int) -> Made:
    event = await factories.event(slug="fair")
    await execute(
        "INSERT INTO programme_release (event, number, released_at) SELECT $1, n, now() FROM generate_series(1, $2) n",
        event,
        rows,
    )
    return "/organise/editions/fair/programme/versions", await make_actor("organiser")


async def people(rows: int) -> Made:
    for n in range(rows - 1):
        await make_actor("staff", email=f"p{n}@example.org", event_id=await factories.event())
    return "/organise/people", await make_actor("organiser")


async def invitations(rows: int) -> Made:
    event, organiser = await factories.event(), await make_actor("organiser")
    offers = [Offer(f"p{n}@example.org", Grant(Role.STAFF, event_id=event), lang="en") for n in range(rows)]
    await invite_all(offers, by=organiser)
    return "/organise/people?show=invitations", organiser
