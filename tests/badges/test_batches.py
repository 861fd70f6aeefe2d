"""Batches: what is chosen, in which order; drawn by a job, read back code by code; cancelled, taken over, logged."""

import io
from pathlib import Path

import httpx
import pytest
from PIL import Image

from fairs.accounts.actor import SYSTEM
from fairs.badges import queries as badges
from fairs.badges.batches import photos, queries, services
from fairs.badges.batches.forms import BatchForm
from fairs.badges.batches.queries import Wanted
from fairs.badges.designing import boxes as rules
from fairs.badges.designing.forms import DesignForm
from fairs.badges.designing.services import create_design
from fairs.badges.tables import BatchOrder, Chosen
from fairs.core import db as database
from fairs.core.errors import Conflict
from fairs.core.object_store import STORE
from fairs.registrations import services as registrations
from tests import factories
from tests.badges.pictures import read_squares
from tests.cast import make_actor, post, sign_in
from tests.fair import person

ROOT = "/organise/editions/fair/badges/batches"


async def _crowd(event: int, count: int, **given: str) -> list[str]:
    """The codes of so many badges, in order of number."""
    made = [await registrations.register(event, person(number, **given), by=SYSTEM) for number in range(count)]
    return [await badges.badge_code_of(item.id) or "" for item in made]


async def _content(file_id: object) -> bytes:
    key = await database.fetchval("SELECT key FROM file WHERE id = $1", file_id)
    return b"".join([part async for part in await STORE().read(key)])


async def _run(batch: int) -> None:
    await services.make_batch({"batch": batch, "lang": "en"})


async def test_every_code_of_a_batch_is_read_again(db: None) -> None:
    event = await factories.event(slug="fair")
    organiser = await make_actor("organiser")
    await create_design(
        "fair", DesignForm(name="Cards", size="card", sheet="a4"), rules.standard_boxes("card"), by=organiser
    )
    codes = await _crowd(event, 30)
    batch = await services.ask("fair", BatchForm(ordered="number"), by=organiser)
    await _run(batch)
    row = await queries.batch(event, batch)
    assert row is not None
    assert (row.state, row.total, row.done) == ("done", 30, 30)
    content = await _content(row.file)
    assert sorted(read_squares(content)) == sorted(codes)
    assert content.count(b"/Type/Page/") == 4  # eight on a sheet
    log = await database.fetch("SELECT way, batch, printed_by FROM badge_print")
    assert {tuple(item) for item in log} == {("batch", batch, organiser.account_id)}
    assert len(log) == 30


async def test_only_new_and_never_printed_are_chosen(db: None) -> None:
    event = await factories.event(slug="fair")
    organiser = await make_actor("organiser")
    await _crowd(event, 2)
    await _run(await services.ask("fair", BatchForm(), by=organiser))
    for chosen in ("new", "unprinted"):
        with pytest.raises(Conflict, match="nothing to print"):
            await services.ask("fair", BatchForm(chosen=chosen), by=organiser)
    late = await registrations.register(event, person(7), by=SYSTEM)
    for chosen in (Chosen.NEW, Chosen.UNPRINTED):
        assert [item.registration for item in await queries.badges_of(Wanted(event, chosen=chosen))] == [late.id]
    await registrations.cancel(late.id, by=SYSTEM)
    assert await queries.count(Wanted(event, chosen=Chosen.NEW)) == 0
    assert await queries.count(Wanted(event)) == 2


async def test_choice_by_category_unit_and_session_and_order_by_pinyin(db: None) -> None:
    event = await factories.event(slug="fair")
    session = await factories.session(event)
    zhengzhou, luoyang = [
        await factories.organisation(unit=await factories.unit_id(code), name_zh=name)
        for code, name in (("410100", "郑州大学"), ("410300", "河南科技大学"))
    ]
    made = {}
    for number, (native, organisation) in enumerate(
        [("张三", luoyang), ("李娜", zhengzhou), ("欧阳䶮", None), ("阿里", zhengzhou), ("Brown", luoyang)]
    ):
        form = person(number, name_native=native, sessions=["forum"] if native == "李娜" else [])
        made[native] = (await registrations.register(event, form, by=SYSTEM)).id
        await database.execute("UPDATE registration SET organisation = $2 WHERE id = $1", made[native], organisation)

    async def names(**wanted: object) -> list[str]:
        found = await queries.badges_of(Wanted(event, **wanted))  # type: ignore[arg-type]  # as the test says
        return [row.name_native for row in found]

    assert await names() == ["阿里", "李娜", "Brown", "张三", "欧阳䶮"]  # 410100, 410300, none
    assert await names(ordered=BatchOrder.NAME) == ["阿里", "Brown", "李娜", "欧阳䶮", "张三"]
    assert await names(ordered=BatchOrder.NUMBER) == ["张三", "李娜", "欧阳䶮", "阿里", "Brown"]
    assert await names(unit=await factories.unit_id("410300")) == ["Brown", "张三"]
    assert await names(session=session) == ["李娜"]
    assert await names(category="guest") == []


async def test_cancelled_batch_prints_nothing_and_another_may_begin(db: None) -> None:
    event = await factories.event(slug="fair")
    organiser = await make_actor("organiser")
    await _crowd(event, 2)
    batch = await services.ask("fair", BatchForm(), by=organiser)
    with pytest.raises(Conflict, match="being made already"):
        await services.ask("fair", BatchForm(), by=organiser)
    await services.cancel("fair", batch, by=organiser)
    await _run(batch)
    with pytest.raises(Conflict, match="already ended"):
        await services.cancel("fair", batch, by=organiser)
    assert await database.fetchval("SELECT count(*) FROM badge_print") == 0
    await _run(await services.ask("fair", BatchForm(), by=organiser))
    assert await database.fetchval("SELECT count(*) FROM badge_print") == 2


async def test_batch_cancelled_while_it_is_drawn_stops_at_the_next_look(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await factories.event(slug="fair")
    organiser = await make_actor("organiser")
    await _crowd(event, 3)
    monkeypatch.setattr(services, "TOGETHER", 1)
    batch = await services.ask("fair", BatchForm(), by=organiser)
    looks: list[int] = []
    look = services._beat

    async def beat(batch_id: int, attempt: int, done: int) -> None:
        looks.append(done)
        if done == 1:
            await services.cancel("fair", batch, by=organiser)
        await look(batch_id, attempt, done)

    monkeypatch.setattr(services, "_beat", beat)
    await _run(batch)
    assert looks == [1]
    row = await queries.batch(event, batch)
    assert row is not None
    assert (row.state, row.file) == ("cancelled", None)
    assert await database.fetchval("SELECT count(*) FROM badge_print") == 0


async def test_batch_of_a_dead_worker_begins_again(db: None) -> None:
    event = await factories.event(slug="fair")
    organiser = await make_actor("organiser")
    codes = await _crowd(event, 2)
    batch = await services.ask("fair", BatchForm(), by=organiser)
    assert await services._claim(batch) is not None  # and its process is killed
    await _run(batch)  # too early: a later look is queued
    assert (
        await database.fetchval(
            "SELECT count(*) FROM pgqueuer WHERE entrypoint = $1 AND execute_after > now()", services.JOB
        )
        == 1
    )
    await database.execute("UPDATE badge_batch SET seen_at = now() - interval '20 seconds'")
    row = await queries.batch(event, batch)
    assert row is not None
    assert row.silent
    await _run(batch)
    row = await queries.batch(event, batch)
    assert row is not None
    assert row.state == "done"
    assert sorted(read_squares(await _content(row.file))) == sorted(codes)


def test_photo_is_shrunk_to_what_the_badge_shows() -> None:
    noise = Image.effect_noise((600, 800), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=95)
    small = photos.shrunk(out.getvalue(), 25, 33)
    with Image.open(io.BytesIO(small)) as image:
        assert image.size == (292, 390)
    assert len(small) < len(out.getvalue()) / 3
    assert photos.shrunk(b"tiny", 25, 33) == b"tiny"


async def test_organiser_asks_on_the_page_and_fetches_the_file(client: httpx.AsyncClient, tmp_path: Path) -> None:
    event = await factories.event(slug="fair")
    codes = await _crowd(event, 2)
    organiser = await make_actor("organiser")
    await sign_in(client, organiser)
    page = (await client.get(ROOT)).text
    assert "badges would be printed" in page
    assert '<b class="num">0</b>' in (await client.get(f"{ROOT}?category=guest")).text
    refused = await post(client, ROOT, {"category": "guest", "chosen": "all", "ordered": "name"})
    assert refused.status_code == 409
    asked = await post(client, ROOT, {"chosen": "unprinted", "ordered": "name"})
    assert asked.status_code == 303
    assert 'hx-trigger="every 2s"' in (await client.get(ROOT)).text
    batch = await database.fetchval("SELECT id FROM badge_batch")
    await _run(batch)
    row = await queries.batch(event, batch)
    assert row is not None
    file = await client.get(f"/files/{row.file}")
    assert sorted(read_squares(file.content)) == sorted(codes)
    log = (await client.get("/organise/editions/fair/badges/printed")).text
    assert "2 prints" in log
    await sign_in(client, await make_actor("bureau", email="b@example.org", unit_id=await factories.unit_id("411500")))
    assert (await client.get(f"/files/{row.file}")).status_code == 404
    assert (await client.get(ROOT)).status_code == 404
    await sign_in(client, organiser)
    assert (await post(client, f"{ROOT}/{batch}/remove")).status_code == 303
    assert (await client.get(f"/files/{row.file}")).status_code == 404
