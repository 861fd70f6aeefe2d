"""A person of whom everything is held: profile, files, registrations, scans, meetings, agreements, mails, leads, log."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from fairs.accounts import changes, links, tokens
from fairs.accounts.actor import SYSTEM, Actor
from fairs.accounts.forms import NameForm
from fairs.accounts.queries import actor_by_id
from fairs.accounts.tables import LinkKind
from fairs.agreements import drawing_up
from fairs.badges.services import issue_badge
from fairs.calendars import services as calendars
from fairs.core import clock, db
from fairs.files.services import keep_made
from fairs.files.tables import Purpose
from fairs.notifications.suppressing import suppress
from fairs.notifications.tables import Suppressed
from fairs.privacy import consents, exporting, looks
from fairs.privacy.tables import ConsentKind, ConsentPlace, LookPlace
from fairs.registrations import services as registrations
from fairs.registrations.asking.drafts import keep_draft
from fairs.registrations.forms import RegistrationForm
from fairs.registrations.working.tagging import write_note
from fairs.talents import services as talents
from fairs.talents.forms import ProfileForm
from tests import factories
from tests.agreements import scene
from tests.cast import session_of
from tests.fair import both_want, tomorrow
from tests.registrations.asking import published

NAME, NATIVE, EMAIL, PHONE = "Zuleika Quist-Marlow", "祖莱卡奎斯特", "zuleika.quist@example.org", "+49 30 90182077"
WORDS = ("zuleika", "quist", NATIVE, EMAIL, PHONE, "90182077", "4930901820")


@dataclass(frozen=True)
class Everything:
    """`signed` is kept by law, `unsigned` is not."""

    scene: scene.Scene
    actor: Actor
    registration: int
    signed: str
    unsigned: str


async def _renamed(on: scene.Scene) -> Actor:
    await db.execute("UPDATE account SET email = $2 WHERE id = $1", on.talent.account_id, EMAIL)
    await db.execute("UPDATE talent SET email = $2 WHERE id = $1", on.talent_id, EMAIL)
    first = await actor_by_id(on.talent.account_id or 0)
    assert first is not None
    await changes.change_name(NameForm(name=NAME), by=first)
    renamed = await actor_by_id(on.talent.account_id or 0)
    assert renamed is not None
    form = ProfileForm(
        name_passport=NAME,
        name_native=NATIVE,
        phone=PHONE,
        summary=f"{NAME} finds tumours.",
        visibility="employers",
        consent=True,
    )
    await talents.save_profile(form, by=renamed)
    return renamed


async def _photo(on: scene.Scene, by: Actor, folder: Path) -> None:
    path = folder / "photo.jpg"
    path.write_bytes(b"\xff\xd8 photo of " + NAME.encode())
    photo = await keep_made(path, f"{NAME}.jpg", "image/jpeg", Purpose.PHOTO, by=by)
    await db.execute("UPDATE talent SET photo = $2 WHERE id = $1", on.talent_id, photo)


async def _visited(on: scene.Scene, registration: int) -> None:
    gate = await factories.gate(on.event)
    await issue_badge(registration)
    device = await db.fetchval(
        "INSERT INTO access_token (kind, name, token_hash, event_id) VALUES ('device', 'east', 'x', $1) RETURNING id",
        on.event,
    )
    scan = await db.fetchval(
        "INSERT INTO scan (uuid, gate, device_id, registration, outcome, scanned_at, received_at)"
        " VALUES (gen_random_uuid(), $1, $2, $3, 'admitted', now(), now()) RETURNING id",
        gate,
        device,
        registration,
    )
    await db.execute(
        "INSERT INTO scan_correction (scan, kind, reason, note, scanned_at) VALUES ($1, 'undone', 'twice', $2, now())",
        scan,
        f"{NAME} went out again",
    )
    await factories.admission(registration, gate, clock.now().date(), clock.now())
    await factories.lead(on.event, on.organisation, registration, note=f"Call {NAME}, {PHONE}")


async def _written_about(on: scene.Scene, registration: int, by: Actor) -> None:
    """Answers to a form of the event, what was typed and not sent, a note and a tag of the staff, and mailings."""
    slug = await db.fetchval("SELECT slug FROM event WHERE id = $1", on.event)
    form = await published({"key": "access"}, slug=slug)
    await db.execute(
        "INSERT INTO registration_answers (registration, version, given) SELECT $1, id, $3::text::jsonb"
        " FROM registration_form_version WHERE form = $2",
        registration,
        form,
        json.dumps({"access": f"{NAME} comes with an assistant"}),
    )
    await keep_draft(on.event, {"name_passport": [NAME], "phone": [PHONE]}, by=by)
    await db.execute(
        "INSERT INTO access_code (event, name, code, mark, email) SELECT event, $2, 'A-1', 'A1', email FROM registration WHERE id = $1",
        registration,
        NAME,
    )
    await write_note(registration, f"{NAME} called twice", by=SYSTEM)
    await db.execute(
        "INSERT INTO registration_tag (registration, tag, account) VALUES ($1, $2, NULL)", registration, NATIVE
    )
    await suppress(EMAIL, Suppressed.BY_HAND, f"Asked for by {NAME}")
    mailing = await db.fetchval("INSERT INTO mailing (event, subject_en) VALUES ($1, 'News') RETURNING id", on.event)
    await db.execute(
        "INSERT INTO mailing_recipient (mailing, registration, address) VALUES ($1, $2, $3)",
        mailing,
        registration,
        EMAIL,
    )


async def everything(folder: Path) -> Everything:
    """Made by the product's own services where it has rules."""
    on = await scene.scene()
    actor = await _renamed(on)
    on = replace(on, talent=actor)
    await _photo(on, actor, folder)
    form = RegistrationForm(email=EMAIL, name_passport=NAME, name_native=NATIVE, phone=PHONE, organisation="Quist & Co")
    registered = await registrations.register(on.event, form, by=actor)
    later = await factories.event(starts_at=tomorrow() + timedelta(days=9), ends_at=tomorrow() + timedelta(days=10))
    await registrations.register(later, form, by=actor)
    await _visited(on, registered.id)
    await db.execute("UPDATE meeting SET note = $2 WHERE id = $1", on.meeting, f"{NATIVE} was late")
    coming, other = (
        await factories.listing(on.organisation, on.event),
        await factories.listing(on.organisation, on.event),
    )
    later_on = {"starts_at": tomorrow() + timedelta(days=20), "state": "scheduled", "outcome": ""}
    await factories.meeting(on.event, coming, on.organisation, on.talent_id, **later_on)
    await both_want(on.event, on.talent_id, on.listing)
    signed = await scene.signed(on)
    second = await factories.meeting(
        on.event, other, on.organisation, on.talent_id, starts_at=factories.STARTS + timedelta(hours=3)
    )
    unsigned = await drawing_up.draw_up(second, scene.terms(), by=on.employer)
    await session_of(actor)
    await links.new_link(LinkKind.SIGN_IN, account_id=actor.account_id, email=EMAIL)
    await tokens.issue_token("api", f"Calendar of {NAME}", by=actor, account_id=actor.account_id)
    await consents.answer(ConsentKind.KEEP_AFTER, True, ConsentPlace.CONSENTS, by=actor)
    await looks.note([actor.account_id], LookPlace.PROFILE, by=on.employer, organisation_id=on.organisation)
    await db.execute(
        "INSERT INTO outgoing_mail (kind, lang, to_email, subject, body_text, body_html, state)"
        " VALUES ('note', 'en', 'wang@example.org', $1, $2, $2, 'sent')",
        f"Meeting with {NAME}",
        f"{NATIVE} ({EMAIL}, {PHONE}) comes at nine.",
    )
    await _written_about(on, registered.id, actor)
    await calendars.read_calendar(await calendars.make_feed(f"Phone of {NAME}", by=actor), ip="192.0.2.1")
    await exporting.make_export({"export": await exporting.ask(by=actor)})
    return Everything(on, actor, registered.id, signed, unsigned)
