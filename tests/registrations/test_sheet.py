"""The page of one registration: what all slices know, tags and notes of the staff."""

import httpx

from fairs.accounts.actor import SYSTEM
from fairs.core.db import execute, fetchval
from fairs.registrations import services
from tests import factories
from tests.agreements import scene
from tests.cast import make_actor, post, sign_in
from tests.fair import person
from tests.pages import main_of

LIST = "/organise/editions/fair/registrations"


async def test_the_sheet_tells_everything_of_a_person(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    of = await scene.scene(unit="410300", event=event)
    await scene.drawn_up(of)
    forum = await factories.session(event, "forum", title_en="The forum of everything")
    gate = await factories.gate(event)
    earlier = await factories.event(slug="earlier", title_en="The earlier fair")
    address = {"email": of.talent.email}
    await services.register(earlier, person(1, **address), by=SYSTEM)
    made = await services.register(
        event, person(1, **address, sessions=["forum"], phone="+86 138 1234 5678"), by=SYSTEM
    )
    await execute("UPDATE registration SET talent = $1, badge_name = 'Doctor One' WHERE id = $2", of.talent_id, made.id)
    await execute(
        "INSERT INTO scan (uuid, gate, registration, outcome, reason, scanned_at) VALUES (gen_random_uuid(), $1, $2, 'refused',"
        " 'too_early', now())",
        gate,
        made.id,
    )
    await sign_in(client, await make_actor("organiser"))
    page = main_of((await client.get(f"{LIST}/{made.number}")).text)
    for told in (
        "The forum of everything", "Doctor One", "+86 138 1234 5678", "Main entrance", "Too early", "The earlier fair",
        "Registered", "Never printed", "Agreements",
    ):  # fmt: skip
        assert told in page, told
    assert "No mail to this address" not in page
    assert forum
    assert (await client.get(f"{LIST}/{made.number.lower()}")).status_code == 200
    assert (await client.get(f"{LIST}/XX18-999999")).status_code == 404
    assert (await client.get(f"/organise/editions/earlier/registrations/{made.number}")).status_code == 404


async def test_notes_and_tags_are_written_and_deleted_by_their_authors(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    made = await services.register(event, person(1), by=SYSTEM)
    place = f"{LIST}/{made.number}"
    alice, bob = await make_actor("organiser"), await make_actor("organiser", email="bob@example.org", name="Bob")
    await sign_in(client, alice)
    assert (await post(client, f"{place}/notes", {"note": " \n"})).status_code == 422
    assert (await post(client, f"{place}/notes", {"note": "x" * 2001})).status_code == 422
    await post(client, f"{place}/notes", {"note": "Comes by <b>train</b>"})
    note = await fetchval("SELECT id FROM registration_note")
    page = (await client.get(place)).text
    assert "Comes by &lt;b&gt;train&lt;/b&gt;" in page
    assert "Alice Wanderer" in page
    answer = await post(client, f"{place}/tags", {"tag": "a,b"})
    assert (answer.status_code, "A tag has no comma" in answer.text) == (422, True)
    await post(client, f"{place}/tags", {"tag": "VIP"})
    assert "VIP" in (await client.get(place)).text
    await sign_in(client, bob)
    assert (await post(client, f"{place}/notes/{note}/delete")).status_code == 404
    await post(client, f"{place}/tags", {"off": "VIP"})
    assert await fetchval("SELECT count(*) FROM registration_tag") == 0
    await sign_in(client, alice)
    await post(client, f"{place}/notes/{note}/delete")
    assert await fetchval("SELECT count(*) FROM registration_note") == 0
    kept = await fetchval("SELECT count(*) FROM audit_entry WHERE before::text || after::text LIKE '%train%'")
    assert kept == 0
