"""What an employer keeps of a visitor: nothing but a badge seen, until the visitor agrees; and nothing again afterwards."""

import json
from datetime import timedelta

import pytest

from fairs.accounts.domain_events import AccountClosing
from fairs.checkin.forms import read_scans
from fairs.checkin.services import record_scans
from fairs.core import clock, db, events_bus
from fairs.core.errors import Conflict, Invalid, NotFound, TooMany
from fairs.events.queries import event_by_id
from fairs.leads import queries, retention, services
from fairs.leads.forms import LeadForm
from tests import factories, fair
from tests.checkin.hall import open_hall, scan
from tests.leads.booth import Booth, open_booth, seen

pytestmark = pytest.mark.usefixtures("db")
NOTES = LeadForm(stars="4", tags="photonics, 博士", note="Wants to come in March", follow_up="open")


async def refused(call: object) -> str:
    with pytest.raises((Invalid, Conflict)) as error:
        await call  # type: ignore[misc]  # any coroutine of the services
    return str(next(iter(error.value.fields.values()))[0] if isinstance(error.value, Invalid) else error.value.message)


async def answered(booth: Booth, *, given: bool, contact: bool = False) -> None:
    """Maria says it to `wang` on her own page."""
    organisation = booth.wang.organisation
    await services.answer_as_visitor(booth.registration, organisation, given=given, contact=contact, by=booth.maria)


async def only(columns: str) -> tuple[object, ...]:
    """Columns of the only lead."""
    (row,) = await db.fetch(f"SELECT {columns} FROM lead")
    return tuple(row.values())


async def test_without_consent_only_the_badge_is_known() -> None:
    booth = await open_booth()
    lead = await seen(booth)
    assert await seen(booth) == lead, "the same visitor, the same lead"
    row = await queries.lead_for(booth.wang.actor, lead)
    assert (row.name_passport, row.name_native, row.affiliation, row.email, row.phone, row.talent) == ("",) * 5 + (
        None,
    )
    assert await refused(services.save_lead(lead, NOTES, seen="", by=booth.wang.actor)) == str(services.NOT_AGREED)
    with pytest.raises(NotFound):
        await queries.lead_for(booth.li.actor, lead)
    with pytest.raises(NotFound):
        await services.answer_at_booth(lead, given=True, contact=True, by=booth.li.actor)


async def test_consent_is_asked_once_and_contact_data_apart() -> None:
    booth = await open_booth(visibility="private")
    lead = await seen(booth)
    await services.answer_at_booth(lead, given=True, contact=False, by=booth.wang.actor)
    row = await queries.lead_for(booth.wang.actor, lead)
    assert (row.name_passport, row.affiliation, row.email, row.phone) == ("Maria Fernandez", "UPC", "", "")
    assert row.headline == "", "a private profile stays private"
    again = services.answer_at_booth(lead, given=True, contact=True, by=booth.wang.actor)
    assert await refused(again) == str(services.ANSWERED)
    await answered(booth, given=True, contact=True)
    row = await queries.lead_for(booth.wang.actor, lead)
    assert (row.email, row.phone) == ("maria@example.org", "+34 600 000 000")
    other = await seen(booth, by=booth.li)
    assert (await queries.lead_for(booth.li.actor, other)).answer == "", "each employer asks for itself"


async def test_contact_data_of_whom_one_meets_anyway() -> None:
    booth = await open_booth()
    lead = await seen(booth)
    await services.answer_at_booth(lead, given=True, contact=False, by=booth.wang.actor)
    assert (await queries.lead_for(booth.wang.actor, lead)).email == ""
    listing = await factories.listing(booth.wang.organisation, booth.event)
    await fair.both_want(booth.event, booth.talent, listing)
    row = await queries.lead_for(booth.wang.actor, lead)
    assert (row.email, row.talent) == ("maria@example.org", booth.talent), "both want to meet: the profile shows it too"


async def test_taking_back_empties_what_was_noted() -> None:
    booth = await open_booth()
    lead = await seen(booth)
    await services.answer_at_booth(lead, given=True, contact=True, by=booth.wang.actor)
    await services.save_lead(lead, NOTES, seen="", by=booth.wang.actor)
    row = await queries.lead_for(booth.wang.actor, lead)
    assert (row.stars, row.tags, row.note, row.follow_up) == (
        4,
        ["photonics", "博士"],
        "Wants to come in March",
        "open",
    )
    await answered(booth, given=False)
    row = await queries.lead_for(booth.wang.actor, lead)
    assert (row.answer, row.name_passport, row.stars, row.tags, row.note, row.follow_up) == (
        "withdrawn",
        "",
        0,
        [],
        "",
        "nothing",
    )
    kept = await db.fetchval(
        "SELECT string_agg(coalesce(before::text, '') || coalesce(after::text, ''), ' ') FROM audit_entry"
    )
    assert "Wants to come" not in kept, "the log has no copy of the note"
    again = services.answer_at_booth(lead, given=True, contact=False, by=booth.wang.actor)
    assert await refused(again) == str(services.ANSWERED)


async def test_refusal_is_final_at_the_booth() -> None:
    booth = await open_booth()
    lead = await seen(booth)
    await services.answer_at_booth(lead, given=False, contact=True, by=booth.wang.actor)
    assert (await queries.lead_for(booth.wang.actor, lead)).answer == "refused"
    assert await seen(booth) == lead
    assert await refused(services.answer_at_booth(lead, given=True, contact=False, by=booth.wang.actor)) == str(
        services.ANSWERED
    )


async def test_which_badges_are_visitors() -> None:
    booth = await open_booth()
    colleague = await booth.hall.badge(organisation=booth.wang.organisation, category="employer")
    revoked = await booth.hall.badge(revoked=True)
    cancelled = await booth.hall.badge(state="cancelled")
    other = await open_hall()
    stranger = await other.badge()
    forged = booth.code[:-4] + ("AAAA" if booth.code[-4:] != "AAAA" else "BBBB")
    found = [
        await refused(seen(booth, code))
        for code in (colleague, revoked, cancelled, stranger, forged, "https://example.org/x y", "FA26-999999")
    ]
    expected = [services.COLLEAGUE, services.REVOKED, services.NOT_CONFIRMED, services.OTHER_EVENT]
    assert found == [str(word) for word in (*expected, services.NO_BADGE, services.NO_BADGE, services.NO_NUMBER)]
    assert await seen(booth, f"HTTPS://FAIRS.EXAMPLE/B/{booth.code}") == await seen(booth, booth.number.lower())
    assert await db.fetchval("SELECT count(*) FROM lead") == 1


async def test_numbers_cannot_be_tried_by_the_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    booth = await open_booth()
    monkeypatch.setattr(services, "NUMBERS_AN_HOUR", 3)
    for _ in range(3):
        await refused(seen(booth, "FA26-999999"))
    with pytest.raises(TooMany):
        await seen(booth, booth.number)
    assert await seen(booth), "a badge that is there is read"


async def test_deleted_can_be_undone_and_is_purged() -> None:
    booth = await open_booth()
    lead = await seen(booth)
    await services.answer_at_booth(lead, given=True, contact=False, by=booth.wang.actor)
    await services.save_lead(lead, NOTES, seen="", by=booth.wang.actor)
    await services.delete_lead(lead, by=booth.wang.actor)
    assert (await queries.counts(booth.event, booth.wang.organisation, clock.now().date())).seen == 0
    colleague = await fair.employer("chen@example.org", "Chen")
    with pytest.raises(NotFound):
        await services.restore_lead(lead, by=colleague.actor)
    await services.restore_lead(lead, by=booth.wang.actor)
    assert (await queries.lead_for(booth.wang.actor, lead)).stars == 4
    await services.delete_lead(lead, by=booth.wang.actor)
    assert await seen(booth) == lead
    row = await queries.lead_for(booth.wang.actor, lead)
    assert (row.deleted_at, row.stars, row.note) == (None, 0, ""), "begun anew"
    await services.delete_lead(lead, by=booth.wang.actor)
    await db.execute("UPDATE lead SET deleted_at = deleted_at - interval '11 minutes'")
    with pytest.raises(Conflict):
        await services.restore_lead(lead, by=booth.wang.actor)
    rule = retention.RULES[0]
    assert await rule.apply(clock.now() - rule.after) == 0
    await db.execute("UPDATE lead SET deleted_at = deleted_at - interval '1 day'")
    assert await rule.count(clock.now() - rule.after) == await rule.apply(clock.now() - rule.after) == 1


async def test_scans_at_a_booths_gate_become_leads_once() -> None:
    booth = await open_booth()
    gate = await factories.gate(booth.event, code="booth-1", kind="booth", name_zh="展位", name_en="Booth 1")
    colleague = await booth.hall.badge(organisation=booth.wang.organisation, category="employer")
    await factories.registration(booth.event, organisation=booth.wang.organisation, category="employer")
    await send_scans(booth, booth.code)
    event = await event_by_id(booth.event)
    await services.assign_gate(event, gate, booth.wang.organisation, by=booth.wang.actor)
    await services.bring_up(booth.event)
    assert await db.fetchval("SELECT count(*) FROM lead") == 0, "what was scanned before is nobody's"
    await send_scans(booth, booth.code, colleague)
    await send_scans(booth, booth.code)
    for _ in range(2):
        await services.bring_up(booth.event)
    expected = (booth.wang.organisation, booth.registration, "gate")
    assert await only("organisation, registration, seen_by") == expected
    lead = await db.fetchval("SELECT id FROM lead")
    await services.answer_at_booth(lead, given=True, contact=False, by=booth.wang.actor)
    assert (await queries.lead_for(booth.wang.actor, lead)).name_passport == "Maria Fernandez"
    with pytest.raises(Invalid):
        await services.assign_gate(event, gate, await factories.organisation(), by=booth.wang.actor)


async def test_an_undone_scan_is_no_visitor() -> None:
    booth = await open_booth()
    gate = await factories.gate(booth.event, code="booth-1", kind="booth", name_zh="展位", name_en="Booth 1")
    await factories.registration(booth.event, organisation=booth.wang.organisation, category="employer")
    event = await event_by_id(booth.event)
    await services.assign_gate(event, gate, booth.wang.organisation, by=booth.wang.actor)
    await send_scans(booth, booth.code)
    undone = "INSERT INTO scan_correction (scan, kind, reason, scanned_at) SELECT id, 'undone', 'wrong_person', scanned_at FROM scan"
    await db.execute(undone)
    await services.bring_up(booth.event)
    assert await db.fetchval("SELECT count(*) FROM lead") == 0


async def send_scans(booth: Booth, *codes: str) -> None:
    now = clock.now()
    sent = [scan(code, gate="booth-1", at=now - timedelta(seconds=1)) for code in codes]
    device = booth.hall.device
    read = read_scans(json.dumps({"scans": sent}).encode(), device_id=device.token_id, now=now)
    results = await record_scans(read, device)
    assert {result.outcome for result in results} <= {"admitted", "already"}, results


async def test_closing_the_account_takes_all_back() -> None:
    booth = await open_booth()
    lead = await seen(booth)
    await services.answer_at_booth(lead, given=True, contact=True, by=booth.wang.actor)
    await services.save_lead(lead, NOTES, seen="", by=booth.wang.actor)
    async with db.DB.transaction():
        await events_bus.publish(AccountClosing(booth.maria))
    assert await only("stars, note") == (0, "")
    assert await db.fetchval("SELECT answer FROM lead_consent") == "withdrawn"
