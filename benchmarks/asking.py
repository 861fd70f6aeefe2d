"""A form of registration with 60 fields: opened by somebody signed in, through one server process, one after the other.

python -m benchmarks.asking
"""

import json
import os
from pathlib import Path
from typing import Any

from benchmarks.load import load
from benchmarks.serving import serving

FIELDS, PAGES = 60, 60
KINDS = (
    "text",
    "long",
    "choice",
    "several",
    "number",
    "date",
    "country",
    "phone",
    "email",
    "link",
    "consent",
    "identity",
)


async def build() -> str:
    """A published event that asks sixty questions of every kind but files, each third one under a condition; a session's cookie."""
    import msgspec
    from tests import factories
    from tests.cast import make_actor, session_of

    from fairs.accounts.actor import SYSTEM
    from fairs.core import db
    from fairs.registrations.asking import services
    from fairs.registrations.asking.content import CHOSEN, Content, Section, written
    from fairs.registrations.asking.forms import NewForm

    await factories.event(slug="bench-fair")
    options = [{"key": f"o{n}", "zh": f"选项{n}", "en": f"Option {n}", "limit": 1000} for n in range(5)]
    questions: list[dict[str, Any]] = []
    for at in range(FIELDS):
        kind = KINDS[at % len(KINDS)]
        one: dict[str, Any] = {
            "key": f"q{at}",
            "kind": kind,
            "zh": f"问题{at}",
            "en": f"Question {at}",
            "required": True,
        }
        one |= {"help_zh": "请如实填写", "help_en": "As in your documents"}
        one |= {"options": options} if kind in CHOSEN else {}
        one |= {"show_if": {"question": "q2", "values": ["o1"]}} if at % 3 == 0 and at > 2 else {}
        questions.append(one)
    sections = [{"key": f"s{n}", "zh": f"部分{n}", "en": f"Part {n}", "questions": questions[n::4]} for n in range(4)]
    content = Content(msgspec.convert(sections, tuple[Section, ...]))
    form = await services.create_form("bench-fair", NewForm(), by=SYSTEM)
    await db.execute("UPDATE registration_form SET draft = $1::text::jsonb WHERE id = $2", written(content), form)
    await db.execute(
        "INSERT INTO registration_form_version (form, number, content) SELECT id, 1, draft FROM registration_form"
    )
    await db.execute("UPDATE registration_form SET in_use = true")
    return await session_of(await make_actor("candidate"))


def _seconds(pid: int) -> float:
    """Processor time of the server and its children so far."""
    found = 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if path.parent.name == str(pid) or fields[1] == str(pid):
            found += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


def run() -> dict[str, Any]:
    """Milliseconds a page: on the wire, and of the server's processor."""
    from fairs.accounts.middleware import SESSION_COOKIE

    with serving(build) as (pid, port, cookie):
        head = f"GET /e/bench-fair/register HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\naccept-language: en\r\n"
        asked = f"{head}cookie: {SESSION_COOKIE}={cookie}\r\n\r\n".encode()
        load(port, [asked] * 5, 1)
        before = _seconds(pid)
        found = load(port, [asked] * PAGES, 1)
        busy = 1000 * (_seconds(pid) - before) / PAGES
        return {"fields": FIELDS, "page": found, "processor_ms": round(busy, 1)}


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
