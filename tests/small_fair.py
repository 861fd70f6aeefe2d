"""A small fair with something of everything, its people, and strangers of the same roles: for tests that try every door."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from fairs.accounts import invitations
from fairs.accounts.actor import SYSTEM, Actor, Grant
from fairs.badges.designing.boxes import standard_boxes
from fairs.badges.designing.forms import DesignForm
from fairs.badges.designing.services import create_design
from fairs.calendars.services import make_feed
from fairs.core import clock, crypto, db
from fairs.core.i18n import EVENT_ZONE
from fairs.core.personal import Person
from fairs.core.roles import Role
from fairs.core.rows import fetch_value
from fairs.events.forms import SpeakerForm
from fairs.events.place_forms import RoomForm
from fairs.events.planning.speakers import add_speaker
from fairs.events.services import add_room
from fairs.mailings import services as mailings
from fairs.mailings.forms import MailingForm
from fairs.notifications.suppressing import suppress
from fairs.notifications.tables import Suppressed
from fairs.privacy import forgetting
from fairs.privacy.tables import AskedFor
from fairs.registrations import services as registrations
from fairs.registrations.asking import services as asking
from fairs.registrations.asking.content import Content, Kind, Question, Section, written
from fairs.registrations.asking.forms import NewForm
from fairs.registrations.codes.forms import CodesForm
from fairs.registrations.codes.services import make_codes
from fairs.registrations.forms import RegistrationForm
from fairs.registrations.pools.forms import PoolForm
from fairs.registrations.pools.services import add_pool
from fairs.registrations.tables import BulkKind
from fairs.registrations.working import bulk, by_mail
from fairs.registrations.working.columns import offer
from fairs.registrations.working.queries import Selection
from fairs.registrations.working.tagging import write_note
from fairs.registrations.working.views import save_view
from fairs.registrations.working.wanted import Wanted
from fairs.reports.snapshots.services import freeze_month
from fairs.upkeep import second_key
from tests import factories, mails, small_fair_around, small_fair_devices, small_fair_tour
from tests.agreements import scene
from tests.cast import make_actor
from tests.duplicates.pairing import merged, pair_of
from tests.fair import both_want, hall, session, tomorrow

_serial = count(1)
SLUG, DRAFT, CITY, GATE = "fair", "draft-fair", "city-fair", "main-in"


@dataclass(frozen=True)
class Fair:
    """`of` is the agreements' scene: employer, talent, bureau and organiser, and a stranger of each role.

    `agreement` waits for its signatures, `signed` for the bureau. `wanting` is a listing on which both want to meet.
    """

    event: int
    of: scene.Scene
    staff: Actor
    people: int
    agreement: str
    signed: str
    wanting: int
    draft_listing: int
    pending: int
    meeting: int
    registration: int
    number: str
    mail: int
    attachment: int
    device: int
    slot: int
    api_token: str
    device_token: str
    link: str
    webhook: int
    mailing: int
    newsletter: str
    suppression: int
    design: int
    form: int
    delivery: int
    conflict: int
    rehearsal: int
    staff_role: int
    lead: int
    purge: int
    receipt: str
    printer: int
    print_job: int
    printer_token: str
    view: int
    bulk: int
    note: int
    pool: int
    code: int
    pair: int
    merge: int
    feed: int
    feed_token: str
    tour: dict[str, Any]
    around: dict[str, int]

    @property
    def values(self) -> dict[str, Any]:
        """Path parameters that lead somewhere. `number` is a registration's or an agreement's."""
        return {
            "slug": SLUG,
            "gate": GATE,
            "gate_code": GATE,
            "room_code": "hall-1",
            "listing_id": self.wanting,
            "talent_id": self.of.talent_id,
            "organisation_id": self.pending,
            "meeting_id": self.meeting,
            "mail_id": self.mail,
            "file_id": self.attachment,
            "token_id": self.device,
            "measure": "registrations",
            "lead_id": self.lead,
            "job": "upkeep-purge",
            "kind": "listing",
            "record_id": self.wanting,
            "link": self.link,
            "webhook_id": self.webhook,
            "mail_kind": "registration_confirmed",
            "mailing_id": self.mailing,
            "newsletter_token": self.newsletter,
            "suppression_id": self.suppression,
            "delivery_id": self.delivery,
            "scan_id": self.conflict,
            "rehearsal_id": self.rehearsal,
            "view_id": self.view,
            "list_token": by_mail.token_of(self.view, clock.now()),
            "bulk_id": self.bulk,
            "note_id": self.note,
            "table_number": 1,
            "pool_id": self.pool,
            "code_id": self.code,
            "people_id": self.people,
            "pair_id": self.pair,
            "merge_id": self.merge,
            "feed_id": self.feed,
            "calendar_token": f"{self.feed_token}.ics",
            **(self.tour | self.around),
            "width": 86,
            "height": 54,
            "design_id": self.design,
            "printer_id": self.printer,
            "job_id": self.print_job,
            "form_id": self.form,
            "part": "part",
            "account_id": self.staff.account_id,
            "membership_id": self.staff_role,
            "consent": "keep_after",
            "receipt": self.receipt,
            "purge_id": self.purge,
            "month": f"{clock.now().astimezone(ZoneInfo(EVENT_ZONE)):%Y-%m}",
        }


async def _code(of: scene.Scene) -> int:
    await make_codes(SLUG, CodesForm(name="Embassy", category="guest"), by=of.organiser)
    return int(await db.fetchval("SELECT id FROM access_code"))


async def _agreements(of: scene.Scene, event: int, morning: datetime) -> dict[str, Any]:
    """Agreements, the meetings behind them, and listings."""
    agreement = await scene.drawn_up(of)
    second = await _meeting(of, morning - timedelta(days=3))
    signed = await scene.signed(replace(of, meeting=second))
    due = await _meeting(of, morning - timedelta(days=2), state="scheduled", outcome="")
    wanting = await factories.listing(of.organisation, event)
    await both_want(event, of.talent_id, wanting)
    slots = await hall(event, morning, slots=3, shared=1)
    draft = await factories.listing(of.organisation, event, state="draft", published_at=None)
    found = {"agreement": agreement, "signed": signed, "meeting": due}
    return found | {"wanting": wanting, "draft_listing": draft, "slot": slots[0]}


async def _mailed(event: int, of: scene.Scene, registration: int) -> dict[str, Any]:
    mail = await db.fetchrow("SELECT mail, id FROM mail_attachment ORDER BY id LIMIT 1")
    assert mail is not None
    return {
        "mail": mail["mail"],
        "attachment": mail["id"],
        "mailing": await _mailing(event, of.organiser),
        "newsletter": await _newsletter(event, registration),
        "suppression": await suppress("left@example.org", Suppressed.BY_HAND, "asked by telephone") or 0,
    }


async def _handled(event: int, of: scene.Scene, registration: int) -> dict[str, Any]:
    """What the staff and people make of registrations."""
    everybody = Selection(event, Wanted())
    guests = PoolForm(name_zh="嘉宾", name_en="Guests", capacity=9, categories=["guest"])
    feed_token = await make_feed("phone", by=of.talent)
    feed = await db.fetchval("SELECT id FROM calendar_feed WHERE token_hash = $1", crypto.hash_token(feed_token))
    return {
        "view": await save_view(SLUG, "View of experts", "category=expert", shared=True, by=of.organiser),
        "bulk": await bulk.draft(SLUG, BulkKind.TAG, everybody, await offer(event), by=of.organiser),
        "note": await write_note(registration, "Needs an interpreter", by=of.organiser),
        "code": await _code(of),
        "pool": await add_pool(SLUG, guests, by=of.organiser),
        "people": await _group(event, of),
        "feed_token": feed_token,
        "feed": feed,
        "pair": await pair_of(of.talent_id, await factories.talent(visibility="private")),
        "merge": await merged(await factories.talent(visibility="private"), await factories.talent(), by=of.organiser),
    }


async def _group(event: int, of: scene.Scene) -> int:
    return await fetch_value(
        int,
        "INSERT INTO registration_group (event, name, organisation, contact_email, made_at)"
        " VALUES (:event, 'Delegation', :organisation, :contact, now()) RETURNING id",
        event=event,
        organisation=of.organisation,
        contact=of.talent.email,
    )


async def small_fair() -> Fair:
    """Published, beginning tomorrow."""
    morning = tomorrow()
    times = {"starts_at": morning, "ends_at": morning + timedelta(days=1, hours=8)}
    event = await factories.event(slug=SLUG, capacity=50, **times)
    await factories.event(slug=DRAFT, state="draft", **times)
    city = {"kind": "session", "parent": event, "unit": await factories.unit_id("410300"), "release": "drawn_up"}
    await factories.event(slug=CITY, state="draft", **times, **city)
    await factories.gate(event, code=GATE)
    await _programme(event, morning)
    of = await scene.scene(unit="410300", event=event)
    agreements = await _agreements(of, event, morning)
    registered = await registrations.register(event, _person(of.talent.email), by=of.talent)
    await freeze_month(event, clock.now().astimezone(ZoneInfo(EVENT_ZONE)).date(), by=of.organiser)
    devices = await small_fair_devices.some(SLUG, event, of, registered.id, morning)
    staff = await make_actor("staff", email="staff@example.org", name="Staff", event_id=event)
    return Fair(
        event=event,
        of=of,
        staff=staff,
        staff_role=await db.fetchval("SELECT id FROM membership WHERE account = $1", staff.account_id),
        registration=registered.id,
        number=registered.number,
        pending=await _pending(),
        design=await _design(of),
        form=await _form(of),
        tour=await small_fair_tour.some(SLUG, event, of, morning),
        around=await small_fair_around.exhibit(SLUG, of) | await small_fair_around.service(SLUG, of, morning),
        lead=await factories.lead(event, of.organisation, registered.id, stars=4, tags=["photonics"], note="In March"),
        purge=await second_key.ask_purge(by=of.organiser),
        receipt=await forgetting.begin(Person(emails=("gone@example.org",)), AskedFor.COMMAND),
        **agreements,
        **devices,
        **await _mailed(event, of, registered.id),
        **await _handled(event, of, registered.id),
    )


MAILED: dict[str, Any] = {
    "subject_zh": "通知",
    "text_zh": "{name}，您好",
    "subject_en": "News",
    "text_en": "Dear {name}",
}


async def _mailing(event: int, by: Actor) -> int:
    return await mailings.save_mailing(event, MailingForm(**MAILED), by=by)


async def _newsletter(event: int, registration: int) -> str:
    """The token by which a newsletter is left."""
    sent = await db.fetchval(
        "INSERT INTO mailing (event, kind, state) VALUES ($1, 'newsletter', 'done') RETURNING id", event
    )
    token = crypto.new_token()
    await db.execute(
        "INSERT INTO mailing_recipient (mailing, registration, address, state, unsubscribe_hash)"
        " VALUES ($1, $2, 'reader@example.org', 'written', $3)",
        sent,
        registration,
        crypto.hash_token(token),
    )
    return token


async def _design(of: scene.Scene) -> int:
    boxes = standard_boxes("card")
    return await create_design(
        SLUG, DesignForm(name="Guests", categories=["guest"], size="card"), boxes, by=of.organiser
    )


async def _form(of: scene.Scene) -> int:
    """What candidates are asked: one question, in a section of the same name."""
    form = await asking.create_form(SLUG, NewForm(category="candidate"), by=of.organiser)
    question = Question("part", Kind.TEXT, "问题", "Question")
    content = Content((Section("part", "部分", "Part", questions=(question,)),))
    draft = "UPDATE registration_form SET draft = $1::text::jsonb WHERE id = $2"
    await db.execute(draft, written(content), form)
    await asking.publish_form(SLUG, form, by=of.organiser)
    return form


async def _programme(event: int, morning: datetime) -> None:
    await add_room(event, RoomForm(code="hall-1", name_zh="一号厅", name_en="Hall 1"), by=SYSTEM)
    titles: dict[str, Any] = {"title_zh": "开幕式", "title_en": "Opening"}
    await session(event, "opening", morning, kind="opening", room="hall-1", capacity=10, sign_up=True, **titles)
    speaker = SpeakerForm(code="opening", name_zh="李明", name_en="Li Ming", bio_zh="化学家")
    await add_speaker(SLUG, speaker, by=SYSTEM)


async def _meeting(of: scene.Scene, at: datetime, **given: Any) -> int:
    listing = await factories.listing(of.organisation, of.event)
    return await factories.meeting(of.event, listing, of.organisation, of.talent_id, starts_at=at, **given)


async def _pending() -> int:
    return await factories.organisation(unit=await factories.unit_id("410300"), state="pending")


def _person(email: str) -> RegistrationForm:
    return RegistrationForm(email=email, name_passport="Maria Fernandez", nationality="ES", category="candidate")


async def invitation(fair: Fair) -> str:
    """The token in the mail of a fresh invitation by the employer."""
    email = f"colleague{next(_serial)}@example.org"
    grant = Grant(Role.EMPLOYER, organisation_id=fair.of.organisation)
    await invitations.invite(invitations.Offer(email, grant), by=fair.of.employer)
    text = await mails.text_of(email)
    return str(text).split("/invitation/")[1].split()[0]


async def changes() -> dict[str, Any]:
    """How the fair stands: a fingerprint of each table that people write to."""
    tables = (
        "event registration badge organisation talent listing preference meeting agreement agreement_signature"
        " agreement_transition membership access_token meeting_slot meeting_table outgoing_mail"
    )
    return {
        table: await db.fetchval(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t.id), '')) FROM {table} t")
        for table in tables.split()
    }
