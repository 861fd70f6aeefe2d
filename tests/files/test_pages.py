"""Files on pages: sent with a form or before it, kept when another field is wrong, read by those who may."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from fairs.agreements import facts
from fairs.core import clock, jobs
from fairs.core.db import fetchval
from fairs.core.object_store import STORE
from fairs.files import queries, services
from fairs.settings import Settings
from tests import factories
from tests.agreements.scene import drawn_up, scene
from tests.cast import csrf, errors_in, make_actor, post, sign_in, sign_out
from tests.files import samples
from tests.organisations.test_controllers import bureau, join_form

pytestmark = pytest.mark.usefixtures("db")
LICENCE = ("营业执照.pdf", samples.pdf(), "application/pdf")


async def stored() -> set[str]:
    return {item.key async for item in STORE().items()}


def token_in(page: str) -> str:
    found = re.search(r'name="\w+" value="([^"]*)" data-upload-token', page)
    assert found
    return found.group(1)


async def candidate_with_photo(client: httpx.AsyncClient) -> tuple[Any, str]:
    actor = await make_actor("candidate")
    await sign_in(client, actor)
    await post(client, "/me/profile", {"name_passport": "Maria Fernandez"})
    files = {"photo": ("me.jpg", samples.located_picture(), "image/jpeg")}
    answer = await post(client, "/me/photo", files=files)
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/photo")
    return actor, f"/files/{await fetchval('SELECT photo FROM talent')}"


async def test_licence_of_a_sign_up_reaches_the_bureau_and_no_stranger(client: httpx.AsyncClient) -> None:
    answer = await post(client, "/employers/join", join_form(), files={"licence": LICENCE})
    assert answer.status_code == 303, errors_in(answer.text)
    path = f"/files/{await fetchval('SELECT licence FROM organisation')}"
    own = await client.get(path)
    assert (own.status_code, own.content) == (200, LICENCE[1])
    assert own.headers["content-disposition"].startswith(
        "attachment; filename=\"file.pdf\"; filename*=UTF-8''%E8%90%A5"
    )
    assert own.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert (own.headers["x-content-type-options"], own.headers["cache-control"]) == ("nosniff", "private, no-store")
    organisation = await fetchval("SELECT id FROM organisation")
    await sign_in(client, await bureau())
    review = (await client.get(f"/bureau/organisations/{organisation}")).text
    assert f'href="{path}"' in review
    assert "营业执照.pdf" in review
    assert (await client.get(path)).content == LICENCE[1]
    for stranger in (
        await bureau("411300", "other@example.org"),
        await make_actor("employer", email="e@example.org", organisation_id=await factories.organisation()),
        await make_actor("candidate", email="c@example.org"),
    ):
        await sign_in(client, stranger)
        assert (await client.get(path)).status_code == 404
    sign_out(client)
    assert (await client.get(path)).status_code == 303


async def test_held_file_is_kept_when_another_field_is_wrong(client: httpx.AsyncClient) -> None:
    wrong = await post(client, "/employers/join", join_form(uscc="1"), files={"licence": LICENCE})
    assert wrong.status_code == 422
    assert "Already here, checked: 营业执照.pdf" in wrong.text
    held = token_in(wrong.text)
    again = await post(client, "/employers/join", join_form(licence=held))
    assert again.status_code == 303, errors_in(again.text)
    assert await fetchval("SELECT f.name FROM file f JOIN organisation o ON o.licence = f.id") == "营业执照.pdf"
    twice = await post(
        client, "/employers/join", join_form(licence=held, uscc=factories.uscc(8), email="b@example.org")
    )
    assert twice.status_code == 422
    assert "The file is no longer here. Please choose it again." in errors_in(twice.text)


@pytest.mark.parametrize("content", [samples.virus_test(), b"<svg><script>alert(1)</script></svg>", samples.huge_png()])
async def test_refused_file_is_said_beside_its_field_and_leaves_nothing(
    client: httpx.AsyncClient, content: bytes
) -> None:
    before = await stored()
    answer = await post(client, "/employers/join", join_form(), files={"licence": ("a.png", content, "image/png")})
    assert (answer.status_code, len(errors_in(answer.text))) == (422, 1)
    assert 'value="Luoyang Bearing Technology"' in answer.text
    assert await fetchval("SELECT count(*) FROM file") == 0
    assert await stored() == before


async def test_script_sends_the_file_first_and_a_token_later(client: httpx.AsyncClient) -> None:
    headers = {"x-csrftoken": await csrf(client), "accept": "application/json"}
    answer = await client.post("/files/hold/licence", files={"file": LICENCE}, headers=headers)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["name"], told["size"]) == ("营业执照.pdf", "1 kB")
    assert (await post(client, "/employers/join", join_form(licence=told["token"]))).status_code == 303
    refused = await client.post(
        "/files/hold/licence", files={"file": ("a", samples.virus_test())}, headers={**headers, **{"x-csrftoken": await csrf(client)}}
    )  # fmt: skip
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "The virus scanner has found something in this file.",
    )


async def test_strangers_hold_licences_only_and_tokens_fit_one_purpose(client: httpx.AsyncClient) -> None:
    headers = {"x-csrftoken": await csrf(client), "accept": "application/json"}
    for purpose in ("photo", "evidence", "nonsense"):
        answer = await client.post(f"/files/hold/{purpose}", files={"file": LICENCE}, headers=headers)
        assert answer.status_code == 404
    without = await client.post("/files/hold/licence", files={"file": LICENCE}, headers={"accept": "application/json"})
    assert without.status_code == 403
    token = (await client.post("/files/hold/licence", files={"file": LICENCE}, headers=headers)).json()["token"]
    await sign_in(client, await make_actor("candidate"))
    await post(client, "/me/profile", {"name_passport": "Maria Fernandez"})
    assert (await post(client, "/me/photo", {"photo": token})).status_code == 422
    assert await fetchval("SELECT photo FROM talent") is None


async def test_uploads_are_counted(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "UPLOADS_AN_HOUR", 1)
    headers = {"x-csrftoken": await csrf(client), "accept": "application/json"}
    codes = [
        (await client.post("/files/hold/licence", files={"file": LICENCE}, headers=headers)).status_code
        for _ in range(2)
    ]
    assert codes == [201, 429]


async def test_licence_is_replaced_and_the_former_one_deleted(
    client: httpx.AsyncClient, test_settings: Settings
) -> None:
    organisation = await factories.organisation(state="rejected")
    await sign_in(client, await make_actor("employer", organisation_id=organisation))
    before = await stored()
    await post(client, "/employer/organisation/licence", files={"licence": LICENCE})
    former = await fetchval("SELECT licence FROM organisation")
    again = await post(client, "/employer/organisation/licence", files={"licence": ("b.png", samples.picture("PNG"))})
    assert again.status_code == 303
    assert await fetchval("SELECT state FROM organisation") == "pending"
    assert "b.jpg" in (await client.get("/employer/organisation/edit")).text
    await jobs.drain(test_settings.database_url)
    assert await fetchval("SELECT count(*) FROM file WHERE id = $1", former) == 0
    assert len(await stored() - before) == 1
    empty = await post(client, "/employer/organisation/licence")
    assert (empty.status_code, errors_in(empty.text)) == (422, ["Please fill this in"])


async def test_photo_is_the_persons_own_and_goes_with_it(client: httpx.AsyncClient, test_settings: Settings) -> None:
    before = await stored()
    actor, path = await candidate_with_photo(client)
    shown = await client.get(path)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.headers["content-disposition"].startswith("inline")
    assert path in (await client.get("/me/profile")).text
    await sign_in(client, await make_actor("organiser", email="o@example.org"))
    assert (await client.get(path)).status_code == 404
    await sign_in(client, await make_actor("candidate", email="b@example.org"))
    assert (await client.get(path)).status_code == 404
    await sign_in(client, actor)
    assert (await post(client, "/me/photo/remove")).status_code == 303
    await jobs.drain(test_settings.database_url)
    assert (await client.get(path)).status_code == 404
    assert await stored() == before


async def test_link_shows_a_file_for_five_minutes(client: httpx.AsyncClient) -> None:
    _, path = await candidate_with_photo(client)
    sign_out(client)
    photo, now = UUID(path.removeprefix("/files/")), clock.now().timestamp()
    link = queries.short_link(photo, now)
    assert (await client.get(link)).status_code == 200
    assert (await client.get(queries.short_link(photo, now - 301))).status_code == 404
    until, mac = link.rsplit("/", 1)[1].split(".")
    for forged in (f"{int(until) + 60}.{mac}", f"{until}.{mac[:-1]}", f"{until}.", "x", f"{until}.{mac}é"):
        assert (await client.get(f"{path}/{forged}")).status_code == 404


async def test_evidence_of_a_step_is_read_by_the_parties_only(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await drawn_up(on)
    await sign_in(client, on.employer)
    files = {"file": ("contract.docx", samples.office(), samples.WORD)}
    path = f"/agreements/{number}/steps"
    bad = await post(client, path, {"to": "nonsense"}, files=files)
    assert bad.status_code in (409, 422)
    held = token_in(bad.text)
    done = await post(
        client,
        path,
        {"to": "contract", "fact_on": f"{facts.today()}", "fact_number": "No. 7", "evidence": "", "file": held},
    )
    assert done.status_code == 303, errors_in(done.text)
    page = (await client.get(f"/agreements/{number}")).text
    file = f"/files/{await fetchval('SELECT file FROM agreement_transition WHERE file IS NOT NULL')}"
    assert f'href="{file}"' in page
    assert "contract.docx" in page
    for reader, code in (
        (on.bureau, 200),
        (on.talent, 200),
        (on.organiser, 200),
        (await bureau("411300", "far@example.org"), 404),
    ):
        await sign_in(client, reader)
        assert (await client.get(file)).status_code == code, reader
    neither = await post(client, path, {"to": "arrived"})
    assert neither.status_code != 303


async def test_sweep_deletes_what_belongs_to_nothing(client: httpx.AsyncClient) -> None:
    _, path = await candidate_with_photo(client)
    headers = {"x-csrftoken": await csrf(client)}
    await client.post("/files/hold/licence", files={"file": LICENCE}, headers=headers)
    await STORE().put("aa/stray", open(__file__, "rb"))  # noqa: SIM115 - closed with the test
    now = clock.now()
    assert (await services.unowned(now), await services.sweep(now)) == (0, 0)
    later = now + timedelta(days=2)
    would_go = await services.unowned(later)
    assert would_go >= 2, "the file held by nothing and the object without a file, and what other tests left"
    assert await services.sweep(later) == would_go
    assert (await services.unowned(later), await services.sweep(later)) == (0, 0)
    assert "aa/stray" not in await stored()
    assert (await client.get(path)).status_code == 200
    assert await fetchval("SELECT count(*) FROM file") == 1
