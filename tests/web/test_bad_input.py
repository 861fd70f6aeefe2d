"""Every form of the app, found on its pages, gets what nobody should send: a clear refusal, never a fault, nothing runs."""

import html
import re
from collections.abc import Iterator

import httpx
import pytest
from litestar import Litestar

from fairs.accounts.actor import Actor
from fairs.accounts.middleware import SESSION_COOKIE
from fairs.core import db as database
from tests import factories
from tests.cast import csrf, make_actor, sign_in, sign_out
from tests.small_fair import Fair, changes, invitation, small_fair
from tests.web.crawling import TYPED, Control, PostForm, filled, forms_of, may_enter, page_routes

SCRIPT = "<script>alert(1)</script>"
HOSTILE = f"{SCRIPT}\"'><img src=x onerror=alert(1)>{{{{7*7}}}} 🎉 \u202eמימין"
RUNS = re.compile(r"<script>alert|<img src=x")
NO_IDS = ["999999", "0", "-1", "1.5", "9" * 30, "x", "", "1; DROP TABLE meeting"]
ALLOWED = {200, 201, 303, 403, 404, 409, 410, 422}  # 410: an invitation that was used
PLAUSIBLE = {  # by name, where the kind of control does not say it
    "email": "new@example.org",
    "password": "correct horse battery",
    "uscc": "91410100MA40000017",
    "phone": "+34 600 000 000",
    "contact_phone": "0371-60000000",
    "slug": "another-fair",
    "grad_year": "2012",
    "skills": "bearings, ceramics",
}


SAME_FOR_ALL = (
    "/programme.ics",
    "/sw.js",
    "/pass-worker.js",
    "/itinerary-worker.js",
    "/desk-worker.js",
    "/decode.js",
    ".webmanifest",
)  # what has nothing of a person


def plausible(control: Control) -> list[str]:
    """What a careful person would fill in."""
    if control.kind in {"checkbox", "radio"}:
        return [control.value or "on"]
    if control.kind in {"select", "multiselect"}:
        return [control.value or next((choice for choice in control.choices if choice), "")]
    if control.value or control.kind in {"hidden", "submit"}:
        return [control.value]
    if control.kind in {"date", "datetime-local"}:
        return ["2027-10-27" if control.kind == "date" else "2027-10-27T09:00"]
    return [PLAUSIBLE.get(control.name, "3" if control.kind == "number" else "A text")]


def payload(form: PostForm) -> dict[str, list[str]]:
    """The form as a careful person would send it: of radio buttons and submit buttons the last."""
    return {control.name: plausible(control) for control in form.own}


def mutations(form: PostForm) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """(what is wrong, what is sent)."""
    good = payload(form)
    text = [control.name for control in form.typed]
    other = [control.name for control in form.own if control.kind not in TYPED]

    def changed(names: list[str], value: str) -> dict[str, list[str]]:
        return good | {name: [value] for name in names}

    if not good:
        return
    yield "nothing", {}
    yield "empty", {name: [""] for name in good}
    yield "10 kB", changed(text, "long 中文 " * 1100)
    yield "emoji", changed(text, "👩🏽‍🔬🎉" * 20)
    yield "right to left", changed(text, "\u202e\u2067مرحبا\u2069")
    yield "NUL", changed(list(good), "a\0b")
    yield "wrong type", changed(other, "no such choice") | changed([], "")
    yield "number", changed(list(good), "9" * 40)
    yield "negative", changed(other, "-1")
    yield "past", changed([c.name for c in form.own if c.kind.startswith("date")], "1999-01-01")
    yield "no date", changed([c.name for c in form.own if c.kind.startswith("date")], "0000-99-99T99:99")
    yield "repeated", {name: [*values, *values] for name, values in good.items()}
    yield "array", {f"{name}[]": values for name, values in good.items()} | {f"{name}[0]": ["x"] for name in good}
    yield "script in choices", changed(other, SCRIPT)


def faults(form: PostForm, data: dict[str, list[str]], answer: httpx.Response) -> Iterator[str]:
    """What is wrong with an answer: a fault, markup that runs, a refusal that does not say why or forgets what was typed."""
    if answer.status_code not in ALLOWED:
        yield "not an answer to a form"
    if RUNS.search(answer.text):
        yield "markup comes back"
    if answer.status_code != 422 or not form.typed:
        return
    if not any(mark in answer.text for mark in ("error-summary", "field__error", 'notice--error" role="alert"')):
        yield "no error is shown"
    shown = html.unescape(answer.text)
    for control in form.typed:
        value = data.get(control.name, [""])[0]
        kept = " ".join(value.split())[:60] in " ".join(shown.split())
        if control.kind != "password" and "\0" not in value and not kept:
            yield f"{control.name} lost {value[:60]!r}"
    if re.search(r'<input[^>]*type="password"[^>]*value=', answer.text):
        yield "the password comes back"


async def people(fair: Fair) -> dict[str, Actor | None]:
    """A person of each role, and nobody."""
    of = fair.of
    return {
        "nobody": None,
        "organiser": of.organiser,
        "bureau": of.bureau,
        "employer": of.employer,
        "candidate": of.talent,
        "staff": fair.staff,
    }


async def become(client: httpx.AsyncClient, actor: Actor | None) -> str:
    """Sign in as this person; the CSRF token."""
    sign_out(client)
    if actor:
        await sign_in(client, actor, proved=True)
    return await csrf(client)


async def addresses(app: Litestar, fair: Fair, roles: frozenset[str]) -> list[str]:
    """Every page of these roles, with the ids of the fair."""
    values = fair.values | {
        "token": await invitation(fair),
        "code": await database.fetchval("SELECT code FROM badge LIMIT 1"),
        "digest": await database.fetchval("SELECT encode(document_hash, 'hex') FROM agreement_revision LIMIT 1"),
    }
    found = []
    for template, rule in page_routes(app):
        if not may_enter(rule, roles):
            continue
        own = any(part in template for part in ("/me/fairs", "/desk/{", "/registrations/{"))
        numbers = [fair.number] if own else [fair.agreement, fair.signed]
        for number in numbers if "{number" in template else [""]:
            found.append(filled(template, values | {"number": number}))
        if "{listing_id" in template:
            found.append(filled(template, values | {"listing_id": fair.draft_listing}))
        if template.startswith("/organise/editions/{slug"):
            found.append(filled(template, values | {"slug": "draft-fair", "number": fair.number}))
    return found


async def discover(app: Litestar, client: httpx.AsyncClient, fair: Fair, actor: Actor | None) -> list[PostForm]:
    """The distinct forms of a person, those with fields first: what only has a button changes the state."""
    found: dict[tuple[str, tuple[str, ...]], PostForm] = {}
    for address in await addresses(app, fair, actor.roles if actor else frozenset()):
        page = await client.get(address)
        assert page.status_code in {200, 303, 403, 404, 409, 422}, (address, page.status_code)
        if page.headers.get("content-type", "").startswith("text/html"):
            for form in forms_of(page):
                found.setdefault((form.action, tuple(control.name for control in form.own)), form)
    return sorted(found.values(), key=lambda form: not form.typed)


ONE_CLICK = re.compile(
    r"/newsletters/[^/]+"
)  # mail programs post to it without a cookie: its address is the key (RFC 8058)


@pytest.fixture
async def fair(db: None) -> Fair:
    return await small_fair()


OF_EVERYBODY = ("/account", "/login", "/logout")  # forms that are the same for all: two people send them
ALL_OF_THEM = frozenset({"nobody", "candidate"})


@pytest.mark.parametrize("role", ["nobody", "organiser", "bureau", "employer", "candidate", "staff"])
async def test_bad_input_is_refused_in_every_form(
    app: Litestar, client: httpx.AsyncClient, fair: Fair, role: str
) -> None:
    actor = (await people(fair))[role]
    token = await become(client, actor)
    forms = await discover(app, client, fair, actor)
    assert forms
    found: list[str] = []
    for form in forms:
        if form.action.startswith(OF_EVERYBODY) and role not in ALL_OF_THEM:
            continue
        unproved = await client.post(form.action, data=payload(form))
        assert unproved.status_code == (200 if ONE_CLICK.fullmatch(form.action) else 403), form.action
        for label, data in mutations(form):
            await database.execute("DELETE FROM rate_limit")
            answer = await client.post(form.action, data={"_csrf_token": token, **data})
            where = f"{form.action} on {form.page}, {label}: {answer.status_code}"
            found += [f"{where} {fault}" for fault in faults(form, data, answer)]
            if SESSION_COOKIE in answer.cookies:  # it made an account and signed in
                token = await become(client, actor)
    assert not found, "\n".join(found)


async def test_hostile_text_is_kept_as_text_everywhere(app: Litestar, client: httpx.AsyncClient, fair: Fair) -> None:
    """Whoever gets markup stored sees it as the text it is, and so does everybody else: pages, mails, calendars."""
    cast = await people(fair)
    stored = 0
    tried: set[tuple[str, tuple[str, ...]]] = set()  # many people have the same forms
    for actor in cast.values():
        token = await become(client, actor)
        for form in await discover(app, client, fair, actor):
            known = (form.action, tuple(control.name for control in form.own))
            if known in tried:
                continue
            tried.add(known)
            for control in form.typed if form.action != "/login" else []:
                await database.execute("DELETE FROM rate_limit")
                data = {"_csrf_token": token, **payload(form), control.name: [HOSTILE]}
                answer = await client.post(form.action, data=data)
                stored += answer.status_code in {200, 201, 303}
                assert RUNS.search(answer.text) is None, (form.action, control.name)
                if SESSION_COOKIE in answer.cookies:
                    token = await become(client, actor)
    assert stored > 20
    for role, actor in cast.items():
        await become(client, actor)
        for address in await addresses(app, fair, actor.roles if actor else frozenset()):
            page = await client.get(address)
            if page.headers.get("content-type", "").startswith("text/html"):
                assert RUNS.search(page.text) is None, (role, address)
    mails = await database.fetch("SELECT kind, subject, body_html FROM outgoing_mail")
    assert any("alert(1)" in mail["body_html"] for mail in mails)
    for mail in mails:
        assert RUNS.search(mail["body_html"]) is None, mail["kind"]
        assert "\n" not in mail["subject"], mail["kind"]


def strangers(fair: Fair) -> dict[str, tuple[Actor, Actor]]:
    """role → (who it concerns, somebody of the same role whom it does not)."""
    of = fair.of
    return {
        "bureau": (of.bureau, of.other_bureau),
        "employer": (of.employer, of.other_employer),
        "candidate": (of.talent, of.other_talent),
    }


OWNED = re.compile(r"/(?:bureau/organisations|employer/listings|meetings|agreements|me/fairs|organise)/[^/]*\d")
HIDDEN_IDS = {"listing", "talent", "slot"}


@pytest.mark.parametrize("role", ["bureau", "employer", "candidate"])
async def test_strangers_of_the_same_role_find_and_change_nothing(
    app: Litestar, client: httpx.AsyncClient, fair: Fair, role: str
) -> None:
    """What stands on somebody's pages, opened and sent by another: 404 (or a plain refusal), and nothing has changed."""
    owner, stranger = strangers(fair)[role]
    await become(client, owner)
    own = [address for address in await addresses(app, fair, owner.roles) if OWNED.match(address)]
    open_to_owner = [address for address in own if (await client.get(address)).status_code == 200]
    forms = [
        form
        for form in await discover(app, client, fair, owner)
        if OWNED.match(form.action) or (role == "employer" and HIDDEN_IDS & {control.name for control in form.own})
    ]
    assert open_to_owner
    token = await become(client, stranger)
    for address in open_to_owner:
        assert (await client.get(address)).status_code == 404, address
    before = await changes()
    for form in forms:
        answer = await client.post(form.action, data={"_csrf_token": token, **payload(form)})
        assert answer.status_code == 404, (form.action, answer.status_code)
    assert await changes() == before


async def test_staff_of_another_event_gets_no_scanner(client: httpx.AsyncClient, fair: Fair) -> None:
    other = await factories.event(slug="other-fair")
    token = await become(client, await make_actor("staff", email="other@example.org", event_id=other))
    before = await changes()
    assert (await client.post("/scan/fair", data={"_csrf_token": token})).status_code == 404
    assert await changes() == before
    token = await become(client, fair.staff)
    assert (await client.post("/scan/fair", data={"_csrf_token": token})).status_code == 303


async def test_what_one_person_sees_is_not_kept_by_caches(app: Litestar, client: httpx.AsyncClient, fair: Fair) -> None:
    for role, actor in (await people(fair)).items():
        if actor is None:
            continue
        await become(client, actor)
        for address in await addresses(app, fair, actor.roles):
            kept = (await client.get(address)).headers.get("cache-control", "")
            asked_again = (
                address.startswith("/calendar/") and kept == "private, no-cache"
            )  # by the calendar's program alone
            assert "no-store" in kept or asked_again or address.endswith(SAME_FOR_ALL), (role, address, kept)


async def test_hidden_ids_of_others_are_refused(app: Litestar, client: httpx.AsyncClient, fair: Fair) -> None:
    """One's own form with an id that is another's, nobody's, or no id at all."""
    await become(client, fair.of.employer)
    forms = [
        form
        for form in await discover(app, client, fair, fair.of.employer)
        if HIDDEN_IDS & {control.name for control in form.own}
    ]
    talks = f"/hosting/{fair.values['stop_id']}/talks"
    assert {form.action for form in forms} == {"/preferences", "/meetings", talks}
    theirs = await factories.listing(await factories.organisation(), fair.event)
    token = await become(client, fair.of.employer)
    before = await changes()
    for form in forms:
        for name in HIDDEN_IDS & {control.name for control in form.own}:
            wrong = [*NO_IDS, str(theirs)] if name == "listing" else NO_IDS
            for value in wrong if name != "slot" else filter(None, NO_IDS):  # no slot: the first that is free
                data = {"_csrf_token": token, **payload(form), name: [value]}
                answer = await client.post(form.action, data=data)
                assert answer.status_code in {404, 409, 422}, (form.action, name, value, answer.status_code)
    assert await changes() == before
