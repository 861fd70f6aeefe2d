"""Dangerous acts ask for the password or a code again; what was typed goes on."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from fairs.accounts import presence
from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core import db as database
from fairs.web import access
from tests import mails
from tests.accounts.test_two_factor import protected, shown, with_password
from tests.cast import PASSWORD, make_actor, post, sign_in

DANGEROUS = {
    "add_token",
    "ask_period",
    "ask_purge",
    "cancel_event",
    "confirm_presence",
    "confirm_retention",
    "decide_letter",
    "delete_event",
    "hand_over_submit",
    "invite_person_submit",
    "issue_letters",
    "mailing_export",
    "make_webhook",
    "merge_duplicate",
    "open_member_passport",
    "passkey_add",
    "passkey_begin",
    "passkey_options",
    "passkey_remove",
    "paste_people_submit",
    "people_xlsx",
    "police_sheet",
    "registrations_export",
    "registrations_export_csv",
    "resend_invitation",
    "second_demands_submit",
    "second_reset_submit",
    "codes_export",
    "duplicates_export",
    "offers_export",
    "suppressions_export",
    "suspend_person",
    "take_role",
    "tour_report_agreements_workbook",
    "tour_report_came_workbook",
    "tour_report_meetings_workbook",
    "two_factor_begin",
    "two_factor_codes",
    "two_factor_off",
    "two_factor_on",
    "undo_merge",
    "update_webhook",
}


def test_dangerous_routes_are_the_listed_ones(app: Litestar) -> None:
    handlers = [one for route in app.routes if isinstance(route, HTTPRoute) for one in route.route_handlers]
    rules = {one.name: one.opt.get(access.KEY) for one in handlers}
    dangerous = {name: rule for name, rule in rules.items() if rule and rule.confirm}
    assert set(dangerous) == DANGEROUS
    assert not [name for name, rule in dangerous.items() if rule.credential != "browser" or rule.anyone]


def hidden(page: str) -> dict[str, Any]:
    """The values that the page carries to the act."""
    found: dict[str, Any] = {}
    for name, value in re.findall(r'<textarea hidden name="([^"]+)">\n(.*?)</textarea>', page, re.S):
        found.setdefault(name, []).append(value)
    return found


async def admin_and(other: str = "bob@example.org") -> tuple[Actor, Actor]:
    admin = await make_actor("admin", email="root@example.org", name="Root")
    return admin, await make_actor("organiser", email=other, name="Bob")


async def active(actor: Actor) -> bool:
    return bool(await database.fetchval("SELECT active FROM account WHERE id = $1", actor.account_id))


async def test_act_goes_on_with_what_was_typed(client: httpx.AsyncClient) -> None:
    admin, bob = await admin_and()
    await with_password(admin)
    await sign_in(client, admin)
    answer = await post(client, f"/people/{bob.account_id}/suspend", {"reason": "left <the> office & town"})
    assert answer.status_code == 422
    assert await active(bob)
    assert hidden(answer.text) == {"reason": ["left &lt;the&gt; office &amp; town"]}
    assert f'action="/people/{bob.account_id}/suspend"' in answer.text
    typed = {"reason": "left <the> office & town"}
    answer = await post(client, f"/people/{bob.account_id}/suspend", {**typed, "confirm_password": "not this one"})
    assert (answer.status_code, str(presence.WRONG_PASSWORD) in answer.text) == (422, True)
    assert "not this one" not in answer.text
    assert await active(bob)
    answer = await post(client, f"/people/{bob.account_id}/suspend", {**typed, "confirm_password": PASSWORD})
    assert answer.status_code == 303
    assert not await active(bob)
    told = await database.fetchval("SELECT after->>'reason' FROM audit_entry WHERE action = 'account.suspend'")
    assert told == typed["reason"]


async def test_proof_counts_for_ten_minutes(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    admin, bob = await admin_and()
    await sign_in(client, admin, proved=True)
    path = f"/people/{bob.account_id}/suspend"
    start = clock.now()
    monkeypatch.setattr(clock, "now", lambda: start + presence.FRESH + timedelta(seconds=1))
    assert (await post(client, path, {"reason": "left"})).status_code == 422
    assert await active(bob)
    monkeypatch.setattr(clock, "now", lambda: start + presence.FRESH - timedelta(seconds=1))
    assert (await post(client, path, {"reason": "left"})).status_code == 303
    assert not await active(bob)


async def test_code_of_the_app_confirms_and_stays_used(client: httpx.AsyncClient) -> None:
    admin, bob = await admin_and()
    app, _ = await protected(admin)
    await sign_in(client, admin)
    path = f"/people/{bob.account_id}/suspend"
    assert 'name="confirm_password"' not in (await post(client, path, {"reason": "left"})).text
    code = shown(app)
    answer = await post(client, path, {"reason": "left", "confirm_code": code})
    assert (answer.status_code, await active(bob)) == (303, False)
    await sign_in(client, admin)
    answer = await post(client, f"/people/{bob.account_id}/suspend", {"reason": "left", "confirm_code": code})
    assert answer.status_code == 422, "replayed"


async def test_account_without_password_confirms_by_mail(client: httpx.AsyncClient) -> None:
    admin, bob = await admin_and()
    await sign_in(client, admin)
    path = f"/people/{bob.account_id}/suspend"
    answer = await post(client, path, {"reason": "left", "confirm_code": "", "confirm_send": "1"})
    assert (answer.status_code, hidden(answer.text)) == (422, {"reason": ["left"]})
    code = re.findall(r"\b\d{6}\b", await mails.text_of(admin.email))[0]
    wrong = "000000" if code != "000000" else "111111"
    assert (await post(client, path, {"reason": "left", "confirm_code": wrong})).status_code == 422
    assert (await post(client, path, {"reason": "left", "confirm_code": code})).status_code == 303
    assert not await active(bob)


async def test_only_an_administrator_s_invitation_is_dangerous(client: httpx.AsyncClient) -> None:
    admin = await make_actor("admin", email="root@example.org")
    await sign_in(client, admin)
    offer = {"email": "new@example.org", "lang": "en"}
    assert (await post(client, "/people/invite", {**offer, "role": "organiser"})).status_code == 201
    answer = await post(client, "/people/invite", {**offer, "role": "admin"})
    assert (answer.status_code, hidden(answer.text)["role"]) == (422, ["admin"])
    assert await database.fetchval("SELECT count(*) FROM invitation WHERE role = 'admin'") == 0


async def test_download_is_confirmed_and_led_on_to(client: httpx.AsyncClient) -> None:
    admin, _ = await admin_and()
    await with_password(admin)
    await sign_in(client, admin)
    path = "/people/export.xlsx?role=organiser"
    answer = await client.get(path)
    assert (answer.status_code, hidden(answer.text)) == (422, {"next": [path]})
    answer = await post(client, "/account/presence", {"next": path, "confirm_password": PASSWORD})
    assert (answer.status_code, path in answer.text) == (200, True)
    assert (await client.get(path)).headers["content-type"].startswith("application/vnd.openxml")
    answer = await post(client, "/account/presence", {"next": "https://evil.example", "confirm_password": PASSWORD})
    assert answer.headers["location"] == "/account"


async def test_guessing_the_password_is_limited(client: httpx.AsyncClient) -> None:
    admin, bob = await admin_and()
    await with_password(admin)
    await sign_in(client, admin)
    for _ in range(10):
        await post(client, f"/people/{bob.account_id}/suspend", {"reason": "x", "confirm_password": "wrong"})
    answer = await post(client, f"/people/{bob.account_id}/suspend", {"reason": "x", "confirm_password": PASSWORD})
    assert (answer.status_code, await active(bob)) == (422, True)
