"""A save from an older page is asked about: each of the edit forms, in two sessions."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.core import db
from fairs.core.versions import version_of
from fairs.events.forms import EventForm
from fairs.mailings import services as mailings
from fairs.mailings.forms import MailingForm
from fairs.web.refill import refill
from tests import factories
from tests.agreements.scene import drawn_up, scene
from tests.cast import make_actor, post, sign_in
from tests.pages import form_of


@dataclass(frozen=True)
class Case:
    """Who edits what, and the two text columns that are fought over."""

    path: str
    first: Actor
    second: Actor
    table: str
    fields: tuple[str, str]
    action: str = ""

    async def stored(self) -> tuple[str, str]:
        row = await db.fetchrow(f"SELECT {', '.join(self.fields)} FROM {self.table} ORDER BY id DESC LIMIT 1")
        assert row is not None
        return row[0], row[1]


async def edition() -> Case:
    await factories.event(slug="fair", title_en="Fair")
    first = await make_actor("organiser")
    second = await make_actor("admin", email="bob@example.org")
    return Case("/organise/editions/fair/edit", first, second, "event", ("title_en", "place_en"))


async def _colleagues(organisation: int) -> tuple[Actor, Actor]:
    first = await make_actor("employer", organisation_id=organisation)
    return first, await make_actor("employer", email="bob@example.org", organisation_id=organisation)


async def listing() -> Case:
    organisation = await factories.organisation()
    number = await factories.listing(organisation, await factories.event(), title_en="Researcher")
    first, second = await _colleagues(organisation)
    return Case(f"/employer/listings/{number}/edit", first, second, "listing", ("title_en", "description_en"))


async def organisation() -> Case:
    first, second = await _colleagues(await factories.organisation())
    return Case("/employer/organisation/edit", first, second, "organisation", ("contact_name", "intro_en"))


async def profile() -> Case:
    actor = await make_actor("candidate")
    await factories.talent(account=actor.account_id, email=actor.email, phone="")
    return Case("/me/profile", actor, actor, "talent", ("headline", "summary"))


async def agreement() -> Case:
    on = await scene()
    number = await drawn_up(on)
    second = await make_actor("organiser", email="bob@example.org")
    return Case(f"/agreements/{number}/edit", on.employer, second, "agreement", ("title_en", "content_en"))


async def mailing() -> Case:
    event = await factories.event(slug="fair")
    first = await make_actor("organiser")
    form = MailingForm(subject_zh="通知", text_zh="您好", subject_en="News", text_en="Hello")
    made = await mailings.save_mailing(event, form, by=first)
    second = await make_actor("admin", email="bob@example.org")
    return Case(f"/organise/editions/fair/mailings/{made}/edit", first, second, "mailing", ("subject_en", "text_en"))


CASES: list[Callable[[], Awaitable[Case]]] = [edition, listing, organisation, profile, agreement, mailing]
EACH = pytest.mark.parametrize("made", CASES, ids=lambda made: made.__name__)


async def _conflict(client: httpx.AsyncClient, case: Case, mine: dict[str, str]) -> dict[str, list[str]]:
    """Both open the page, the second saves, the first is asked. What the page of the first would send then."""
    await sign_in(client, case.first)
    early = form_of((await client.get(f"{case.path}?lang=en")).text, case.path)
    await sign_in(client, case.second)
    late = form_of((await client.get(case.path)).text, case.path)
    assert early["_version"] == late["_version"]
    saved = await post(
        client, case.path, late | {case.fields[0]: "Theirs <b>first</b>", case.fields[1]: "Their second"}
    )
    assert saved.status_code == 303
    await sign_in(client, case.first)
    asked = await post(client, case.path, early | mine)
    assert asked.status_code == 409
    page = asked.text
    assert "Theirs &lt;b&gt;first&lt;/b&gt;" in page
    assert all(value in page for value in mine.values())
    assert await case.stored() == ("Theirs <b>first</b>", "Their second")
    return form_of(page, case.path)


@EACH
async def test_both_texts_are_shown_and_mine_may_be_kept(
    client: httpx.AsyncClient, made: Callable[[], Awaitable[Case]]
) -> None:
    case = await made()
    again = await _conflict(client, case, {case.fields[0]: "Mine first", case.fields[1]: "My second"})
    assert again[f"_keep_{case.fields[0]}"] == ["mine"]
    assert (await post(client, case.path, again)).status_code == 303
    assert await case.stored() == ("Mine first", "My second")


@EACH
async def test_what_only_the_other_changed_is_taken_unless_said_otherwise(
    client: httpx.AsyncClient, made: Callable[[], Awaitable[Case]]
) -> None:
    case = await made()
    again = await _conflict(client, case, {case.fields[0]: "Mine first"})
    assert [again[f"_keep_{name}"] for name in case.fields] == [["mine"], ["theirs"]]
    assert (await post(client, case.path, again)).status_code == 303
    assert await case.stored() == ("Mine first", "Their second")


@EACH
async def test_theirs_may_be_taken_and_a_third_save_is_asked_about_again(
    client: httpx.AsyncClient, made: Callable[[], Awaitable[Case]]
) -> None:
    case = await made()
    again = await _conflict(client, case, {case.fields[0]: "Mine first", case.fields[1]: "My second"})
    again[f"_keep_{case.fields[0]}"] = ["theirs"]
    column = case.fields[1]
    await db.execute(f"UPDATE {case.table} SET {column} = 'A third'")
    asked = await post(client, case.path, again)
    assert asked.status_code == 409
    assert "A third" in asked.text
    assert "My second" in asked.text
    last = form_of(asked.text, case.path)
    assert (await post(client, case.path, last)).status_code == 303
    assert await case.stored() == ("Theirs <b>first</b>", "My second")


@EACH
async def test_errors_keep_the_version_that_the_page_was_opened_with(
    client: httpx.AsyncClient, made: Callable[[], Awaitable[Case]]
) -> None:
    case = await made()
    await sign_in(client, case.first)
    early = form_of((await client.get(case.path)).text, case.path)
    await db.execute(f"UPDATE {case.table} SET {case.fields[1]} = 'Meanwhile'")
    wrong = await post(client, case.path, early | {case.fields[0]: "x" * 9000})
    assert wrong.status_code == 422
    assert form_of(wrong.text, case.path)["_version"] == early["_version"]
    assert (await post(client, case.path, early | {case.fields[0]: "Mine"})).status_code == 409


@EACH
async def test_same_save_twice_and_untouched_page_are_no_conflict(
    client: httpx.AsyncClient, made: Callable[[], Awaitable[Case]]
) -> None:
    case = await made()
    await sign_in(client, case.first)
    page = form_of((await client.get(case.path)).text, case.path)
    for _ in range(2):
        assert (await post(client, case.path, page | {case.fields[0]: "The same"})).status_code == 303
    assert (await case.stored())[0] == "The same"


async def test_page_of_a_new_profile_does_not_overwrite_one_made_meanwhile(client: httpx.AsyncClient) -> None:
    actor = await make_actor("candidate")
    await sign_in(client, actor)
    early = form_of((await client.get("/me/profile")).text, "/me/profile")
    await factories.talent(account=actor.account_id, email=actor.email, headline="From elsewhere")
    asked = await post(client, "/me/profile", early | {"headline": "Mine"})
    assert asked.status_code == 409
    assert "From elsewhere" in asked.text


def test_kept_form_brings_its_own_version() -> None:
    page = '<form action="/a" method="post"><input type="hidden" name="_version" value="new"><input name="t"></form>'
    filled, found = refill(page, "/a", "/a", {"_version": ["old"], "t": ["typed"]})
    assert found
    assert 'value="old"' in filled
    assert 'value="typed"' in filled


async def test_call_names_the_version_that_it_read(client: httpx.AsyncClient) -> None:
    from tests.events.test_api import BODY, bearer

    headers = await bearer()
    made = (await client.post("/api/v1/events", json=BODY, headers=headers)).json()
    path, seen = f"/api/v1/events/{made['slug']}", made["version"]
    read = await client.get(path, headers=headers)
    assert (read.json()["version"], read.headers["etag"]) == (seen, f'"{seen}"')
    changed = await client.patch(path, json={"title_en": "One", "version": seen}, headers=headers)
    assert changed.status_code == 200
    now = changed.json()["version"]
    assert now != seen
    old = await client.patch(path, json={"title_en": "Two", "version": seen}, headers=headers)
    assert (old.status_code, old.json()["code"], old.json()["version"]) == (409, "outdated", now)
    failed = await client.patch(path, json={"title_en": "Two"}, headers=headers | {"If-Match": f'"{seen}"'})
    assert (failed.status_code, failed.json()["code"]) == (412, "outdated")
    for match in (f'"{now}"', "*"):
        fine = await client.patch(path, json={"title_en": f"Now {match}"}, headers=headers | {"If-Match": match})
        assert fine.status_code == 200
        now = fine.json()["version"]


def test_a_version_tells_fields_apart() -> None:
    assert version_of(EventForm, {"title_zh": "a"}) != version_of(EventForm, {"title_en": "a"})


def test_a_number_is_the_same_however_it_is_kept() -> None:
    for same in (300000.0, Decimal(300000), Decimal("300000.00"), Decimal("3E5")):
        assert version_of(EventForm, {"capacity": 300000}) == version_of(EventForm, {"capacity": same})
    assert version_of(EventForm, {"capacity": 300000}) != version_of(EventForm, {"capacity": 300000.5})
