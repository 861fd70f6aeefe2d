"""A speaker's picture: stored by who runs the event, public where a released session names the speaker, kept by a clone."""

import io

import httpx
import pytest
from PIL import Image

from fairs.core import db as database
from fairs.core import jobs
from tests import factories
from tests.cast import make_actor, post, sign_in, sign_out
from tests.fair import session
from tests.files import samples

PAGE = "/organise/editions/fair/speakers/li/picture"
PUBLIC = "/e/fair/speakers/li/picture"


@pytest.fixture
async def event(db: None, client: httpx.AsyncClient) -> int:
    """A published fair with a released session, and a speaker whom it does not name yet; its organiser at work."""
    event = await factories.event(slug="fair")
    await session(event, "a", factories.STARTS)
    await sign_in(client, await make_actor("organiser"))
    texts = {"code": "li", "name_zh": "李明", "name_en": "Li Ming"}
    assert (await post(client, "/organise/editions/fair/speakers/new", texts)).status_code == 303
    return event


async def store(client: httpx.AsyncClient, content: bytes) -> httpx.Response:
    return await post(client, PAGE, files={"picture": ("li.jpg", content, "image/jpeg")})


async def name_in_session(event: int) -> None:
    await database.execute(
        "INSERT INTO session_speaker (session, speaker, position, role) SELECT s.id, p.id, 0, 'speaker'"
        " FROM event_session s JOIN speaker p ON p.event = s.event WHERE s.event = $1",
        event,
    )


async def test_picture_is_stripped_and_public_once_released(client: httpx.AsyncClient, event: int) -> None:
    answer = await store(client, samples.located_picture())
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    page = (await client.get(PAGE)).text
    own = await client.get(page.split('class="photo" src="')[1].split('"')[0])
    assert (own.status_code, Image.open(io.BytesIO(own.content)).size) == (200, (600, 800))
    assert b"Zhang" not in own.content
    assert (await client.get(PUBLIC)).status_code == 404
    await name_in_session(event)
    sign_out(client)
    public = await client.get(PUBLIC)
    assert (public.status_code, public.content, public.headers["cache-control"]) == (
        200,
        own.content,
        "public, max-age=300",
    )
    assert f'src="{PUBLIC}"' in (await client.get("/e/fair/programme")).text


async def test_picture_is_replaced_and_deleted_with_its_file(client: httpx.AsyncClient, event: int, dsn: str) -> None:
    await store(client, samples.picture())
    first = await database.fetchval("SELECT picture FROM speaker")
    await store(client, samples.picture("PNG", colour="red"))
    await jobs.drain(dsn)
    assert await database.fetchval("SELECT count(*) FROM file WHERE id = $1", first) == 0
    assert (await post(client, f"{PAGE}/remove")).status_code == 303
    await jobs.drain(dsn)
    assert await database.fetchval("SELECT count(*) FROM file") == 0
    assert 'class="photo"' not in (await client.get(PAGE)).text
    removed = await post(client, "/organise/editions/fair/speakers/li/remove")
    assert removed.status_code == 303


@pytest.mark.parametrize("content", [b"", b"MZ no picture", samples.picture()[:200], b"<svg onload='x'/>"])
async def test_no_picture_is_refused(client: httpx.AsyncClient, event: int, content: bytes) -> None:
    refused = await store(client, content)
    assert refused.status_code == 422
    assert await database.fetchval("SELECT picture FROM speaker") is None


async def test_others_store_and_read_nothing(client: httpx.AsyncClient, event: int) -> None:
    await store(client, samples.picture())
    path = f"/files/{await database.fetchval('SELECT picture FROM speaker')}"
    strangers = [
        await make_actor("candidate", email="c@example.org"),
        await make_actor("bureau", email="b@example.org", unit_id=await factories.unit_id("410300")),
        await make_actor("staff", email="s@example.org", event_id=event),
        await make_actor("employer", email="e@example.org", organisation_id=await factories.organisation()),
    ]
    for stranger in strangers:
        await sign_in(client, stranger)
        assert (await client.get(path)).status_code == 404
        assert (await store(client, samples.picture())).status_code in {403, 404}
    await sign_in(client, await make_actor("organiser", email="o@example.org"))
    assert (await client.get("/organise/editions/fair/speakers/nobody/picture")).status_code == 404


async def test_clone_keeps_the_picture_after_the_first_is_deleted(
    client: httpx.AsyncClient, event: int, dsn: str
) -> None:
    await store(client, samples.picture())
    await database.execute(
        "INSERT INTO speaker (event, code, name_en, picture) SELECT event, 'copy', 'Copy', picture FROM speaker"
    )
    await post(client, f"{PAGE}/remove")
    await jobs.drain(dsn)
    assert (await client.get(PAGE.replace("/li/", "/copy/"))).text.count('class="photo"') == 1
    assert await database.fetchval("SELECT count(*) FROM file") == 1
