"""Employers with their approval, candidates with their profiles."""

from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from fairs.accounts.attempts import Caller
from fairs.core import db
from fairs.demo import people
from fairs.demo.content import Candidate, Employer
from fairs.demo.context import DemoContext
from fairs.organisations import services as organisations
from fairs.organisations.forms import DecisionForm, JoinForm, SignatoryForm
from fairs.talents import services as talents
from fairs.talents.forms import ProfileForm
from fairs.talents.rules import HOME
from fairs.units import catalogues
from fairs.units.kinds import UnitKind

CALL = datetime(2018, 3, 8, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
BATCH = 100
WAITING = 4  # employers at the end of the list without a decision yet


@cache
def city_of(unit: str) -> str:
    """The city of a reporting unit: counties and the airport zone have one above them."""
    region = next((item for item in catalogues.regions() if item.code == unit), None)
    if region is None or region.level == UnitKind.CITY or region.parent in (None, "410000"):
        return unit
    return region.parent or unit


async def create_employers(stage: DemoContext) -> None:
    """Each registers, and its bureau approves it; the last ones wait, one is refused."""
    everyone = stage.content.employers
    for number, employer in enumerate(everyone):
        stage.progress("employers", number, len(everyone))
        moment = stage.moment(CALL) + timedelta(hours=7 * number)
        with stage.at(moment):
            await _employer(stage, employer)
        with stage.at(moment + timedelta(hours=26)):
            await _decide(stage, employer, number, len(everyone))
    stage.progress("employers", len(everyone), len(everyone))


async def _employer(stage: DemoContext, employer: Employer) -> None:
    form = JoinForm(
        uscc=employer.uscc,
        name_zh=employer.name_zh,
        name_en=employer.name_en,
        kind=employer.kind,
        unit=employer.unit,
        industry=employer.industry,
        intro_zh=employer.intro_zh,
        intro_en=employer.intro_en,
        contact_name=employer.contact_name_zh,
        account_name=employer.contact_name_zh,
        email=employer.contact_email,
        password=people.unknown_password(),
    )
    joined = await organisations.register_organisation(form, caller=Caller(), demo=True)
    organisation_id = joined.organisation_id
    actor = await people.confirm_address(joined.account_id, employer.contact_email)
    signatory = SignatoryForm(signatory=employer.contact_name_zh, signatory_latin=employer.contact_name_en)
    await organisations.set_signatory(organisation_id, signatory, by=actor)
    stage.organisations[employer.key] = organisation_id
    stage.employers[employer.key] = actor


async def _decide(stage: DemoContext, employer: Employer, number: int, count: int) -> None:
    if number >= count - WAITING:
        if number == count - 1:
            note = "营业执照扫描件不清晰，请重新上传后再次提交。"
            refusal = DecisionForm(decision="reject", note=note)
            await organisations.decide_organisation(
                stage.organisations[employer.key], refusal, by=stage.bureaus[employer.unit]
            )
        return
    approval = DecisionForm(decision="approve")
    await organisations.decide_organisation(
        stage.organisations[employer.key], approval, by=stage.bureaus[employer.unit]
    )


async def create_candidates(stage: DemoContext) -> None:
    """Accounts and profiles, each in the person's own language and time zone."""
    everyone = stage.content.candidates
    for first in range(0, len(everyone), BATCH):
        stage.progress("people", first, len(everyone))
        async with db.DB.transaction():  # one commit for many: no other users yet
            for number, person in enumerate(everyone[first : first + BATCH], start=first):
                await _candidate(stage, number, person)
    stage.progress("people", len(everyone), len(everyone))


async def _candidate(stage: DemoContext, number: int, person: Candidate) -> None:
    with stage.at(stage.moment(CALL) + timedelta(days=12, minutes=210 * number)):
        actor = await people.claim(
            person.email, person.name_passport, lang=person.text_locale, timezone=person.timezone
        )
        stage.talents[person.key] = await talents.save_profile(_profile_form(stage, person), by=actor, demo=True)
        stage.candidates[person.key] = actor


def _profile_form(stage: DemoContext, person: Candidate) -> ProfileForm:
    institution = person.institution_zh if person.text_locale == "zh" else person.institution_en
    returns = person.citizenship in HOME and person.residence not in HOME
    return ProfileForm(
        name_passport=person.name_passport,
        name_native="" if person.name_native == person.name_passport else person.name_native,
        nationality=person.citizenship,
        residence_country=person.residence,
        phone=person.phone or "",
        degree=person.degree,
        discipline=person.discipline,
        institution=institution,
        grad_year=person.graduated,
        current_employer=person.organisation,
        headline=person.headline,
        summary=person.research_summary,
        skills=", ".join(person.skills),
        languages=[code for code, _ in person.languages],
        engagement=list(person.engagement),
        cities=sorted({city_of(unit) for unit in person.wanted_units}),
        available_from=stage.day(person.available_from),
        pay_min=person.pay_min,
        abroad_country=person.residence if returns else "",
        abroad_degree=person.degree if returns else "",
        has_project="project" in person.engagement or "startup" in person.engagement,
        visibility=person.visibility,
        consent=True,
    )
