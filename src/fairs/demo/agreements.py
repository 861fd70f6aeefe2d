"""Intents become agreements in all states: signed, verified, contracted, arrived, lapsed, ended."""

from datetime import date, datetime, timedelta

from fairs.accounts.actor import Actor
from fairs.accounts.codes import new_code
from fairs.agreements import drawing_up, facts
from fairs.agreements import services as agreements
from fairs.agreements.confirming import purpose_of
from fairs.agreements.facts import Fact
from fairs.agreements.forms import AgreementForm, SignForm
from fairs.agreements.queries import agreement_for, current_hash
from fairs.agreements.tables import AgreementState
from fairs.core.errors import DomainError
from fairs.demo.content import Candidate, Listing
from fairs.demo.context import DemoContext
from fairs.demo.meetings import Held
from fairs.meetings.tables import MeetingOutcome

_S = AgreementState
# The course of each agreement: the steps after both signatures, their evidence, and the days between.
LIVES: tuple[tuple[str, tuple[tuple[str, str, int], ...]], ...] = (
    ("drawn_up", ()),
    ("one_side", ()),
    ("signed", ()),
    ("verified", ()),
    ("verified", ((_S.CONTRACT, "劳动合同扫描件，聘期三年", 24),)),
    ("verified", ((_S.CONTRACT, "聘用合同，含科研启动费", 20), (_S.PERMIT, "外国人工作许可通知，编号见附件", 35))),
    (
        "verified",
        (
            (_S.CONTRACT, "聘用合同", 18),
            (_S.PERMIT, "外国人工作许可通知", 30),
            (_S.ARRIVED, "工作许可证号与入境日期", 45),
        ),
    ),
    ("verified", ((_S.CONTRACT, "聘用合同", 15), (_S.ARRIVED, "社保缴纳记录", 40))),
    ("verified", ((_S.CONTRACT, "项目合作合同", 21), (_S.LANDED, "项目公司营业执照", 60))),
    (
        "verified",
        (
            (_S.CONTRACT, "聘用合同", 12),
            (_S.ARRIVED, "社保缴纳记录", 30),
            (_S.FUNDED, "省级引智项目资助文件", 60),
            (_S.EVALUATED, "首期绩效评价报告，评分八十八", 88),
        ),
    ),
    (
        "verified",
        ((_S.CONTRACT, "聘用合同", 14), (_S.ARRIVED, "社保缴纳记录", 33), (_S.FUNDED, "省级引智项目资助文件", 70)),
    ),
    ("signed", ((_S.LAPSED, "一百八十天无进展", 190),)),
    ("signed", ((_S.LAPSED, "一百八十天无进展", 190), (_S.TALKS, "双方重新约谈", 6))),
    ("verified", ((_S.TERMINATED, "", 40),)),
)
LONG = LIVES[4:]  # those that continue: an old agreement has not stopped at a signature
PAPERS: dict[str, str] = {
    _S.CONTRACT: "聘合",
    _S.PERMIT: "外专许",
    _S.ARRIVED: "外专证",
    _S.LANDED: "项注",
    _S.FUNDED: "引智资",
}
STALE = timedelta(days=60)
REASONS = ("talent_withdrew", "post_cancelled", "terms", "permit_refused", "not_feasible", "unreachable")


async def create_agreements(stage: DemoContext) -> None:
    """One agreement per intent, each with its own course."""
    intents = [held for held in stage.held if held.outcome == MeetingOutcome.INTENT]
    opens = stage.moment(stage.content.conference.starts_at)
    for number, held in enumerate(intents):
        if number % 5 == 0:
            stage.progress("agreements", number, len(intents))
        lives = LONG if opens - held.ended > STALE else LIVES
        await _one(stage, held, *lives[number % len(lives)])
    stage.progress("agreements", len(intents), len(intents))


async def _one(stage: DemoContext, held: Held, ready: str, life: tuple[tuple[str, str, int], ...]) -> None:
    listing = next(item for item in stage.content.listings if item.key == held.listing)
    person = next(item for item in stage.content.candidates if item.key == held.candidate)
    employer, talent = stage.employers[listing.employer], stage.candidates[person.key]
    moment = held.ended + timedelta(minutes=25)
    if not stage.past(moment):
        return
    with stage.at(moment):
        number = await drawing_up.draw_up(held.id, _terms(held, listing, person), by=employer)
        if ready == "drawn_up":
            return
        text = await current_hash(number)
        contact = next(item.contact_name_zh for item in stage.content.employers if item.key == listing.employer)
        await _sign(number, contact, text, by=employer)
        if ready == "one_side":
            return
        await _sign(number, person.name_passport, text, by=talent)
    moment = held.ended + timedelta(days=1, hours=3)
    if not stage.past(moment):
        return
    if ready == "verified":
        unit = next(item.unit for item in stage.content.employers if item.key == listing.employer)
        with stage.at(moment):
            await agreements.verify(number, by=stage.bureaus[unit])
    await _live(stage, number, life, moment)


async def _sign(number: str, name: str, document_hash: str, *, by: Actor) -> None:
    """Sign with a confirmation code, as by mail."""
    agreement = await agreement_for(by, number)
    assert by.account_id is not None
    code = await new_code(by.account_id, purpose_of(agreement.id, document_hash))
    form = SignForm(name_signed=name, consent=True, document_hash=document_hash, otp=code)
    await agreements.sign(number, form, by=by)


async def _live(stage: DemoContext, number: str, life: tuple[tuple[str, str, int], ...], moment: datetime) -> None:
    """Take the steps in order, up to now; steps not allowed for this person (no permit needed, say) are left out."""
    for state, evidence, days in life:
        moment += timedelta(days=days)
        if not stage.past(moment):
            return
        reason = stage.rng.choice(REASONS) if state == _S.TERMINATED else ""
        paper = f"{PAPERS[state]}〔{moment.year}〕{number.rpartition('-')[2]}号" if state in PAPERS else ""
        with stage.at(moment):
            year = (facts.today(), facts.today() + timedelta(days=364))
            period: tuple[date | None, date | None] = year if state == _S.FUNDED else (None, None)
            fact = Fact(facts.today(), paper, evidence, period)
            try:
                await agreements.transition(
                    number, state, by=stage.organiser, fact=fact, reason=reason, as_system=state == _S.LAPSED
                )
            except DomainError:
                continue


def _terms(held: Held, listing: Listing, person: Candidate) -> AgreementForm:
    amount = (listing.budget or (listing.pay_max or 30) * 3) * 10_000
    subject_en = listing.title_en or person.headline
    return AgreementForm(
        title_zh=f"关于“{listing.title_zh}”的合作意向书"[:200],
        title_en=f"Letter of intent: {subject_en}"[:200],
        content_zh=(
            f"甲方拟以“{listing.title_zh}”需求引进乙方。甲方提供实验室条件、团队和配套支持；"
            f"乙方承担该方向的研究与人才培养工作，每年在豫工作不少于{person.months_per_year}个月。"
            "双方在六十日内商定正式合同条款。"
        ),
        content_en=(
            f"The employer intends to engage {person.name_passport} for the listing named above and provides laboratory, "
            f"team and support. The talent leads the work in this field and stays in Henan for at least "
            f"{person.months_per_year} months a year. Both sides settle the terms of a contract within sixty days."
        ),
        engagement=listing.engagement[0],
        heads=1,
        amount_cny=amount,
        months_per_year=person.months_per_year,
        next_step_by=held.ended.date() + timedelta(days=60),
    )
