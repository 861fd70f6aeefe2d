"""Forms of an event for tests: built as an organiser builds them, published and answered."""

import io
from typing import Any

import httpx
import msgspec
import python_calamine

from fairs.accounts.actor import SYSTEM
from fairs.core import db as database
from fairs.registrations.asking import content as asked
from fairs.registrations.asking import services
from fairs.registrations.asking.content import Content, Question, Section
from fairs.registrations.asking.forms import NewForm
from tests.cast import post

ROOT = "/organise/editions/fair/forms"


def content(*questions: dict[str, Any]) -> Content:
    """One section that asks these questions; each is named in both languages after its key."""
    told = [{"kind": "text", "zh": f"问 {one['key']}", "en": f"Ask {one['key']}", **one} for one in questions]
    return Content((Section("about", "关于", "About", questions=msgspec.convert(told, tuple[Question, ...])),))


def options(*keys: str, **limits: int) -> list[dict[str, Any]]:
    """Options with names made from their keys."""
    return [{"key": key, "zh": f"项{key}", "en": key.title(), "limit": limits.get(key)} for key in keys]


async def published(*questions: dict[str, Any], category: str = "", slug: str = "fair") -> int:
    """A form in use; its id."""
    form = await services.create_form(slug, NewForm(category=category), by=SYSTEM)
    await store(form, content(*questions))
    await services.publish_form(slug, form, by=SYSTEM)
    return form


async def store(form: int, wanted: Content) -> None:
    """The draft of a form, as if it had been built."""
    await database.execute(
        "UPDATE registration_form SET draft = $1::text::jsonb WHERE id = $2", asked.written(wanted), form
    )


async def mark(client: httpx.AsyncClient, path: str = "/e/fair/register") -> str:
    """The version that a page shows."""
    page = (await client.get(path)).text
    return page.split('name="asked" value="')[1].split('"')[0]


async def send(client: httpx.AsyncClient, path: str = "/e/fair/register", **given: Any) -> httpx.Response:
    """The form of a page, sent as it is shown now."""
    person = {} if path.endswith("answers") else {"category": "candidate", "name_passport": "Alice W"}
    return await post(client, path, {**person, "asked": await mark(client, path), **given})


async def export(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """The organiser's spreadsheet by its heads."""
    answer = await client.get("/organise/editions/fair/registrations.xlsx")
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]
