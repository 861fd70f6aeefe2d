import asyncio
import hashlib
from dataclasses import replace
from datetime import date, timedelta

import msgspec
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.agreements import drawing_up, facts, finding, ledger, queries, services, states
from fairs.core.db import execute, fetch, fetchrow, fetchval
from fairs.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from tests import factories
from tests.agreements.scene import drawn_up, paper, scene, sign, signature, signed, terms
from tests.factories import STARTS


async def test_draw_up_makes_an_intent_with_its_text_and_asks_the_talent(db: None) -> None:
    on = await scene()
    number = await drawn_up(on)
    assert number == f"YX-{STARTS.year}-0001"
    agreement = await queries.agreement_for(on.employer, number)
    assert (agreement.state, agreement.unit_code, agreement.revision) == ("intent", "410300", 1)
    current = await queries.current_revision(agreement.id)
    assert hashlib.sha256(current.document.encode()).digest() == current.document_hash
    assert "洛阳轴承研究院" in current.document
    assert await fetchval("SELECT to_state FROM agreement_transition") == "intent"
    assert await fetchval("SELECT action FROM audit_entry WHERE object_kind = 'agreement'") == "agreement.draw_up"
    mail = await fetchrow("SELECT kind, to_email, subject FROM outgoing_mail")
    assert mail is not None
    assert (mail["kind"], mail["to_email"]) == ("agreement_to_sign", on.talent.email)
    assert mail["subject"] == f"An agreement to sign: Letter of intent on high-speed bearings (YX-{STARTS.year}-0001)"


async def test_draw_up_twice_from_a_meeting_is_refused_until_the_first_ended(db: None) -> None:
    on = await scene()
    first = await drawn_up(on)
    with pytest.raises(Conflict) as refused:
        await drawn_up(on)
    assert refused.value.extra == {"number": first}
    await services.transition(first, "terminated", by=on.employer, reason="terms")
    assert await drawn_up(on) == f"YX-{STARTS.year}-0002"


async def test_draw_up_from_a_cancelled_meeting_is_refused(db: None) -> None:
    on = await scene()
    await execute("UPDATE meeting SET state = 'cancelled'")
    with pytest.raises(Conflict):
        await drawn_up(on)


async def test_draw_up_from_the_meeting_of_another_is_not_found(db: None) -> None:
    on = await scene()
    for stranger in (on.other_employer, on.talent, on.bureau, on.other_bureau):
        with pytest.raises(NotFound):
            await drawing_up.draw_up(on.meeting, terms(), by=stranger)


async def test_numbers_are_unique_when_many_draw_up_at_once(db: None) -> None:
    on = await scene()
    talents = [await factories.talent() for _ in range(8)]
    meetings = [await factories.meeting(on.event, on.listing, on.organisation, talent) for talent in talents]
    numbers = await asyncio.gather(*(drawing_up.draw_up(found, terms(), by=on.employer) for found in meetings))
    assert sorted(numbers) == [f"YX-{STARTS.year}-{serial:04d}" for serial in range(1, 9)]


async def test_same_meeting_drawn_up_at_the_same_moment_gives_one(db: None) -> None:
    on = await scene()
    results = await asyncio.gather(*(drawn_up(on) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(result, str) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 3


async def test_both_signatures_make_a_signed_intent(db: None) -> None:
    on = await scene()
    number = await drawn_up(on)
    assert await sign(number, on.employer, ip="192.0.2.1") == "intent"
    assert await sign(number, on.talent, ip="192.0.2.2") == "signed_intent"
    rows = await fetch(
        "SELECT party, name_signed, ip, revision, encode(document_hash, 'hex') AS hash FROM agreement_signature ORDER BY id"
    )
    digest = await queries.current_hash(number)
    assert [tuple(row.values()) for row in rows] == [
        ("employer", "王芳", "192.0.2.1", 1, digest),
        ("talent", "Maria Fernandez", "192.0.2.2", 1, digest),
    ]
    kinds = [row["kind"] for row in await fetch("SELECT kind FROM outgoing_mail ORDER BY id")]
    assert kinds == ["agreement_to_sign", "agreement_to_sign", "agreement_signed", "agreement_signed"]


async def test_signing_twice_is_refused(db: None) -> None:
    on = await scene()
    number = await drawn_up(on)
    await sign(number, on.talent)
    with pytest.raises(Conflict):
        await sign(number, on.talent)
    assert await fetchval("SELECT count(*) FROM agreement_signature") == 1


async def test_both_signing_at_the_same_moment_both_count(db: None) -> None:
    on = await scene()
    number = await drawn_up(on)
    forms = [(actor, await signature(number, actor)) for actor in (on.employer, on.talent)]
    results = await asyncio.gather(
        *(services.sign(number, form, by=actor) for actor, form in forms for _ in range(3)),
        return_exceptions=True,
    )
    assert sorted(result for result in results if isinstance(result, str)) == ["intent", "signed_intent"]
    assert sum(isinstance(result, (Conflict, Invalid)) for result in results) == 4, results
    assert await fetchval("SELECT state FROM agreement") == "signed_intent"
    assert await fetchval("SELECT count(*) FROM agreement_transition WHERE to_state = 'signed_intent'") == 1


async def test_bureau_and_organiser_do_not_sign(db: None) -> None:
    on = await scene()
    number = await drawn_up(on)
    for actor in (on.bureau, on.organiser):
        with pytest.raises(Forbidden):
            await sign(number, actor)


async def test_one_person_does_not_sign_for_both_sides(db: None) -> None:
    on = await scene()
    number = await drawn_up(on)
    both = replace(on.talent, grants=(*on.talent.grants, *on.employer.grants))
    with pytest.raises(Forbidden):
        await sign(number, both)


async def test_text_changed_while_reading_is_not_signed(db: None) -> None:
    on = await scene()
    number = await drawn_up(on)
    read = await signature(number, on.talent)
    await services.revise(number, terms(amount_cny=1), by=on.employer)
    with pytest.raises(Conflict):
        await services.sign(number, read, by=on.talent)


async def test_revision_voids_the_earlier_signature_and_asks_again(db: None) -> None:
    on = await scene()
    number = await drawn_up(on)
    await sign(number, on.talent)
    assert await services.revise(number, terms(heads=5), by=on.employer) == 2
    agreement = await queries.agreement_for(on.talent, number)
    assert (agreement.heads, agreement.signed) == (5, None)
    assert [(row.party, row.void) for row in await queries.signatures_of(agreement.id)] == [("talent", True)]
    await sign(number, on.talent)
    assert await sign(number, on.employer) == "signed_intent"
    assert [row.revision for row in await queries.revisions_of(agreement.id)] == [2, 1]


async def test_revision_after_both_signed_is_refused(db: None) -> None:
    on = await scene()
    number = await signed(on)
    with pytest.raises(Conflict):
        await services.revise(number, terms(heads=5), by=on.employer)


async def test_revision_by_talent_or_bureau_is_forbidden(db: None) -> None:
    on = await scene()
    number = await drawn_up(on)
    for actor in (on.talent, on.bureau):
        with pytest.raises(Forbidden):
            await services.revise(number, terms(heads=5), by=actor)


async def test_signed_hash_does_not_follow_a_renamed_employer(db: None) -> None:
    on = await scene()
    number = await signed(on)
    before = await queries.current_hash(number)
    await execute("UPDATE organisation SET name_zh = '另一个名字'")
    assert await queries.current_hash(number) == before
    assert await fetchval(
        "SELECT bool_and(s.document_hash = r.document_hash) FROM agreement_signature s JOIN agreement_revision r ON r.agreement = s.agreement AND r.revision = s.revision"
    )


async def test_verify_needs_both_signatures_and_the_right_bureau(db: None) -> None:
    on = await scene()
    number = await drawn_up(on)
    with pytest.raises(Conflict):
        await services.verify(number, by=on.bureau)
    await sign(number, on.employer)
    await sign(number, on.talent)
    for party in (on.employer, on.talent):
        with pytest.raises(Forbidden):
            await services.verify(number, by=party)
    with pytest.raises(NotFound):
        await services.verify(number, by=on.other_bureau)
    await services.verify(number, by=on.bureau)
    assert await fetchval("SELECT verified_by FROM agreement") == on.bureau.account_id
    with pytest.raises(Conflict):
        await services.verify(number, by=on.organiser)


async def test_verify_and_terminate_at_once_never_verify_what_has_ended(db: None) -> None:
    for _ in range(4):
        on = await scene()
        number = await signed(on)
        results = await asyncio.gather(
            services.verify(number, by=on.bureau),
            services.transition(number, "terminated", by=on.employer, reason="terms"),
            return_exceptions=True,
        )
        assert results[1] == "terminated"
        order = [
            row["action"]
            for row in await fetch(
                "SELECT action FROM audit_entry WHERE object_id = (SELECT id::text FROM agreement WHERE number = $1)"
                " AND (action = 'agreement.verify' OR after->>'state' = 'terminated') ORDER BY id",
                number,
            )
        ]
        if isinstance(results[0], Conflict):
            assert order == ["agreement.transition"]
        else:
            assert order == ["agreement.verify", "agreement.transition"]


async def test_life_to_the_end_with_evidence(db: None) -> None:
    on = await scene(nationality="ES")
    number = await signed(on, engagement="full_time")
    await services.verify(number, by=on.bureau)
    path = [
        ("contract", on.employer),
        ("permit", on.employer),
        ("arrived", on.employer),
        ("funded", on.organiser),
        ("evaluated", on.organiser),
    ]
    for to, actor in path:
        assert await services.transition(number, to, by=actor, fact=paper(f"paper of {to}")) == to
    rows = await fetch("SELECT from_state, to_state FROM agreement_transition ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [
        ("", "intent"),
        ("intent", "signed_intent"),
        ("signed_intent", "contract"),
        ("contract", "permit"),
        ("permit", "arrived"),
        ("arrived", "funded"),
        ("funded", "evaluated"),
    ]


async def test_every_step_that_was_taken_is_an_edge_of_the_table(db: None) -> None:
    """All targets are tried in every state that is reached; what goes through is in the table."""
    edges = {(step.source, step.to) for step in states.table()}
    on = await scene()
    number = await drawn_up(on)
    for to in (
        "funded",
        "contract",
        "signed_intent",
        "arrived",
        "talks",
        "landed",
        "funded",
        "lead",
        "evaluated",
        "terminated",
        "intent",
    ):
        before = await fetchval("SELECT state FROM agreement")
        try:
            after = await services.transition(number, to, by=on.organiser, fact=paper("paper"), reason="other")
        except DomainError:
            assert await fetchval("SELECT state FROM agreement") == before
        else:
            assert (before, after) in edges or ("*", after) in edges


async def test_lapsed_agreement_starts_anew_with_fresh_signatures(db: None) -> None:
    on = await scene()
    number = await signed(on)
    await services.verify(number, by=on.bureau)
    await services.transition(number, "lapsed", by=SYSTEM, fact=paper("180 days"), as_system=True)
    await services.transition(number, "talks", by=on.bureau, fact=paper("both want to go on"))
    agreement = await queries.agreement_for(on.bureau, number)
    assert (agreement.revision, agreement.signed, agreement.verified_at) == (2, None, None)
    assert await services.transition(number, "intent", by=on.employer, fact=paper("talked on the phone")) == "talks"
    with pytest.raises(Conflict):
        await services.transition(number, "intent", by=on.employer, fact=paper("again"))
    assert await services.transition(number, "intent", by=on.talent, fact=paper("talked on the phone")) == "intent"
    assert await sign(number, on.talent) == "intent"


async def test_confirmation_is_void_after_a_new_revision(db: None) -> None:
    on = await scene()
    number = await signed(on)
    await services.transition(number, "lapsed", by=SYSTEM, fact=paper("180 days"), as_system=True)
    await services.transition(number, "talks", by=on.bureau, fact=paper("both want to go on"))
    assert await services.transition(number, "intent", by=on.talent, fact=paper("agreed")) == "talks"
    await services.revise(number, terms(amount_cny=1), by=on.employer)
    assert await services.transition(number, "intent", by=on.employer, fact=paper("agreed")) == "talks"


async def test_paper_signed_before_the_desk_can_be_verified(db: None) -> None:
    on = await scene()
    number = await drawn_up(on)
    with pytest.raises(Forbidden):
        await services.transition(number, "signed_intent", by=on.employer, fact=paper("signed on stage"))
    await services.transition(number, "signed_intent", by=on.organiser, fact=paper("signed on stage, witness Li"))
    await services.verify(number, by=on.bureau)
    assert await fetchval("SELECT verified_at IS NOT NULL FROM agreement")


async def test_strangers_find_nothing(db: None) -> None:
    on = await scene()
    number = await signed(on)
    for stranger in (on.other_employer, on.other_talent, on.other_bureau):
        with pytest.raises(NotFound):
            await queries.agreement_for(stranger, number)
        with pytest.raises(NotFound):
            await services.transition(number, "contract", by=stranger, fact=paper("paper"))
        with pytest.raises(NotFound):
            await sign(number, stranger)
        for side in ("talent", "employer", "bureau"):
            assert (await finding.find_agreements(stranger, side)).total == 0


@pytest.mark.parametrize("q", [f"YX-{STARTS.year}-0001", "0001", "轴承", "lyzc", "ouyang", "oyy", "Bearing", "maria"])
async def test_search_finds_by_number_name_pinyin_and_initials(db: None, q: str) -> None:
    on = await scene()
    await drawn_up(on)
    assert (await finding.find_agreements(on.bureau, "bureau", q=q)).total == 1
    assert (await finding.find_agreements(on.bureau, "bureau", q=q + "zzz")).total == 0


async def test_signatures_and_revisions_cannot_be_changed_in_the_database(db: None) -> None:
    import asyncpg

    on = await scene()
    await signed(on)
    for table in ("agreement_signature", "agreement_revision", "agreement_transition"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await execute(f"DELETE FROM {table}")


async def test_a_step_is_dated_by_its_fact_and_stands_in_the_ledger_with_its_number(db: None) -> None:
    on = await scene(nationality="ES")
    number = await signed(on, engagement="full_time")
    await execute("ALTER TABLE agreement_transition DISABLE TRIGGER tg_agreement_transition_append_only")
    await execute("UPDATE agreement_transition SET fact_on = fact_on - 100")
    await execute("ALTER TABLE agreement_transition ENABLE TRIGGER tg_agreement_transition_append_only")
    signed_on = await fetchval("SELECT fact_on FROM agreement_transition WHERE to_state = 'signed_intent'")
    day = facts.today() - timedelta(days=40)
    early = paper("the contract", on=signed_on - timedelta(days=1))
    with pytest.raises(Invalid) as refused:
        await services.transition(number, "contract", by=on.employer, fact=early)
    assert list(refused.value.fields) == ["fact_on"]
    await services.transition(number, "contract", by=on.employer, fact=paper("the contract", on=day))
    await services.transition(number, "permit", by=on.employer, fact=paper("at the office", on=day, number="W-88"))
    row = (await finding.ledger_rows(on.bureau, "bureau"))[0]
    values = ledger.values(1, row)
    assert (values["sign_date"], values["contract_date"], values["status_date"]) == (signed_on, day, day)
    assert (values["permit_no"], values["session"]) == ("W-88", "")
    assert ledger.values(1, msgspec.structs.replace(row, family="city"))["session"] == "市州专场"
    assert await fetchval("SELECT at::date - fact_on FROM agreement_transition WHERE to_state = 'permit'") in (
        39,
        40,
        41,
    )


async def test_an_intent_is_of_the_day_of_its_meeting(db: None) -> None:
    on = await scene()
    await execute("UPDATE meeting SET starts_at = '2018-10-27T02:00Z', ends_at = '2018-10-27T02:20Z'")
    await drawn_up(on)
    assert await fetchval("SELECT fact_on FROM agreement_transition") == date(2018, 10, 27)
