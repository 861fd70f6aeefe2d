"""Designs of an event: made and changed on their page, by those who run it."""

from typing import Any

import httpx
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.badges import printing, queries
from fairs.badges.designing import boxes as rules
from fairs.badges.designing import checking, forms, services
from fairs.badges.designing import queries as designs
from fairs.badges.designing.forms import DesignForm
from fairs.core import db as database
from fairs.core.errors import Conflict, Invalid
from fairs.events.cloning import clone
from fairs.events.forms import CloneForm
from fairs.registrations import services as registrations
from tests import factories
from tests.badges.pictures import read_squares
from tests.cast import csrf, make_actor, post, sign_in
from tests.fair import person

ROOT = "/organise/editions/fair/badges"


def sent(size: str = "card", **facts: Any) -> dict[str, Any]:
    """The form as a browser sends it."""
    found: dict[str, Any] = {"name": "Guests", "categories": ["guest"], "size": size, "sheet": "own", "sides": "one"}
    found |= facts
    for at, row in enumerate(forms.filled(rules.standard_boxes(size))):
        found |= {f"box-{at}-{name}": item.value for name, item in row.fields.items()}
    return found


async def test_design_is_made_and_the_next_badge_is_printed_by_it(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    guest = await registrations.register(event, person(1, category="guest", name_native="欧阳䶮"), by=SYSTEM)
    other = await registrations.register(event, person(2), by=SYSTEM)
    await sign_in(client, await make_actor("organiser"))
    assert "Standard badge" in (await client.get(ROOT)).text
    page = await client.get(f"{ROOT}/new?size=card")
    assert "<svg" in page.text
    answer = await post(client, f"{ROOT}/new", sent())
    assert (answer.status_code, answer.headers["location"]) == (303, ROOT)
    assert "Guests" in (await client.get(ROOT)).text
    sizes = {}
    for made in (guest, other):
        code = await queries.badge_code_of(made.id)
        pdf = await client.get(f"/me/fairs/{made.number}/badge.pdf")
        assert read_squares(pdf.content) == [code]
        sizes[made.number] = b"MediaBox[0 0 243.78 153.07]" in pdf.content
    assert sizes == {guest.number: True, other.number: False}


async def test_wrong_box_is_said_beside_its_row_and_nothing_is_lost(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    await sign_in(client, await make_actor("organiser"))
    wrong = sent() | {"box-2-x": "50", "box-2-width": "49", "name": "Kept words"}
    page = await post(client, f"{ROOT}/new", wrong)
    assert page.status_code == 422
    for shown in ("lies on the QR code", "not within the badge", "Kept words", 'name="box-2-x" value="50"'):
        assert shown in page.text
    unread = await post(client, f"{ROOT}/new", sent() | {"box-2-x": "left"})
    assert unread.status_code == 422
    assert await database.fetchval("SELECT count(*) FROM badge_design") == 0


async def test_preview_shows_what_is_typed_and_stores_nothing(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    made = await registrations.register(event, person(1, category="guest", name_passport="W" * 60), by=SYSTEM)
    await sign_in(client, await make_actor("organiser"))
    token = await csrf(client)
    answer = await client.post(f"{ROOT}/preview", data=sent() | {"_csrf_token": token, "box-7-width": "10"})
    assert answer.status_code == 200
    assert made.number in answer.text
    assert "as wide as it is high" in answer.text
    whole = await post(client, f"{ROOT}/new", sent() | {"act": "preview"})
    assert whole.status_code in (200, 303)
    assert "<svg" in whole.text
    standard = await post(client, f"{ROOT}/new", sent() | {"act": "standard", "size": "roll62"})
    assert 'value="24"' in standard.text  # the largest name on the roll
    assert await database.fetchval("SELECT count(*) FROM badge_design") == 0


async def _design(organiser: Any, **facts: Any) -> int:
    form = DesignForm(**{"name": "All", "size": "a6"} | facts)
    return await services.create_design("fair", form, rules.standard_boxes(form.size), by=organiser)


async def test_change_from_an_older_page_is_shown_with_both_texts(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    organiser = await make_actor("organiser")
    design = await _design(organiser)
    await sign_in(client, organiser)
    page = (await client.get(f"{ROOT}/{design}")).text
    version = page.split('name="_version" value="')[1].split('"')[0]
    first = sent("a6", name="First", categories=[], _version=version)
    assert (await post(client, f"{ROOT}/{design}", first)).status_code == 303
    second = await post(client, f"{ROOT}/{design}", first | {"name": "Second", "box-4-x": "9"})
    assert second.status_code == 409
    assert "First" in second.text
    assert "Second" in second.text
    chosen = await post(
        client,
        f"{ROOT}/{design}",
        first
        | {
            "name": "Second",
            "_keep_boxes": "theirs",
            "_keep_name": "mine",
            "_version": second.text.split('name="_version" value="')[1].split('"')[0],
        },
    )
    assert chosen.status_code == 303
    [row] = await designs.designs_of(await database.fetchval("SELECT id FROM event"))
    assert row.name == "Second"
    assert designs.boxes_of(row) == rules.standard_boxes("a6")


async def test_category_has_one_design(db: None) -> None:
    await factories.event(slug="fair")
    organiser = await make_actor("organiser")
    await _design(organiser)
    await _design(organiser, name="Guests", categories=["guest", "expert"])
    with pytest.raises(Conflict, match="a design for everybody"):
        await _design(organiser, name="Again")
    with pytest.raises(Conflict, match="Guests"):
        await _design(organiser, name="Experts", categories=["expert"])
    with pytest.raises(Conflict, match="this name"):
        await _design(organiser, name="Guests", categories=["media"])
    with pytest.raises(Invalid):
        await services.create_design("fair", DesignForm(name="X", categories=["media"]), (), by=organiser)


async def test_copy_of_an_edition_has_its_designs(db: None) -> None:
    event = await factories.event(slug="fair-2026")
    organiser = await make_actor("organiser")
    await services.create_design("fair-2026", DesignForm(name="All"), rules.standard_boxes("a6"), by=organiser)
    form = CloneForm(
        slug="fair-2027",
        title_zh="新",
        title_en="New",
        starts_on=factories.STARTS.date().replace(year=factories.STARTS.year + 1),
    )
    await clone("fair-2026", form, by=organiser)
    copied = await database.fetchval("SELECT id FROM event WHERE slug = 'fair-2027'")
    [new], [old] = await designs.designs_of(copied), await designs.designs_of(event)
    assert (new.name, new.boxes) == (old.name, old.boxes)


async def test_misfits_are_listed_before_printing(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    await registrations.register(event, person(1, name_native="李娜"), by=SYSTEM)
    await registrations.register(event, person(2, organisation="组" * 190), by=SYSTEM)
    await registrations.register(event, person(3, name_native="ߊߡߊߘߎ"), by=SYSTEM)
    found = await checking.misfits_of(event)
    assert [(item.kind, bool(item.missing)) for item in found] == [("organisation", False), ("name", True)]
    await sign_in(client, await make_actor("organiser"))
    page = (await client.get(f"{ROOT}/misfits")).text
    assert "2 points to look at before printing" in page


async def test_removed_design_leaves_the_standard(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    organiser = await make_actor("organiser")
    design = await _design(organiser, size="card")
    assert (await designs.design_for(event, "candidate")).width == 86
    await sign_in(client, organiser)
    assert (await post(client, f"{ROOT}/{design}/remove")).status_code == 303
    assert await designs.design_for(event, "candidate") == rules.standard()


async def test_logo_is_drawn_and_read_by_those_who_run_the_event(client: httpx.AsyncClient) -> None:
    import io

    from PIL import Image

    event = await factories.event(slug="fair")
    await sign_in(client, await make_actor("organiser"))
    token = await csrf(client)
    picture = io.BytesIO()
    Image.new("RGB", (200, 100), "red").save(picture, "PNG")
    form = sent("a6", categories=[]) | {
        "box-11-kind": "logo",
        "box-11-x": "8",
        "box-11-y": "24.9",
        "box-11-width": "20",
        "box-11-height": "6",
    }
    answer = await client.post(
        f"{ROOT}/new", data=form | {"_csrf_token": token}, files={"logo": ("logo.png", picture.getvalue(), "image/png")}
    )
    assert answer.status_code == 303, answer.text
    [row] = await designs.designs_of(event)
    assert (await client.get(f"/files/{row.logo}")).status_code == 200
    made = await registrations.register(event, person(), by=SYSTEM)
    content = await printing.make_pdf(
        str(await database.fetchval("SELECT id FROM badge WHERE registration = $1", made.id))
    )
    assert b"/DCTDecode" in content
    await sign_in(client, await make_actor("bureau", email="b@example.org", unit_id=await factories.unit_id("411500")))
    assert (await client.get(f"/files/{row.logo}")).status_code == 404
    assert (await client.get(ROOT)).status_code == 404
