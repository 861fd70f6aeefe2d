"""A programme of 300 sessions in 20 rooms: its draft opened as a page, and released, with 3,000 people signed up.

python -m benchmarks.programme
"""

import http.client
import json
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.serving import serving

SLUG, SESSIONS, ROOMS, PEOPLE, OPENED = "bench-fair", 300, 20, 3_000, 15


async def build() -> tuple[str, float, float]:
    """An organiser's cookie, and the seconds of two releases: 300 new sessions, then 300 moved ones with sign-ups."""
    from tests import factories
    from tests.cast import make_actor, session_of

    from fairs.accounts.actor import SYSTEM
    from fairs.core import db
    from fairs.events import moving, programme, services
    from fairs.events.forms import SessionForm
    from fairs.events.place_forms import RoomForm

    starts = datetime.now(UTC).replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=30)
    event = await factories.event(slug=SLUG, starts_at=starts, ends_at=starts + timedelta(hours=57))
    for room in range(ROOMS):
        form = RoomForm(code=f"r{room}", name_zh=f"会议室{room}", name_en=f"Room {room}", capacity=200)
        await services.add_room(event, form, by=SYSTEM)

    def drafted(number: int, later: int) -> SessionForm:
        place, room = divmod(number, ROOMS)
        begins = starts + timedelta(days=place % 3, minutes=90 * (place // 3) + later)
        values: dict[str, Any] = {"title_zh": f"第{number}场论坛", "title_en": f"Forum number {number}"}
        values |= {"starts_at": begins, "ends_at": begins + timedelta(minutes=60)}
        return SessionForm(code=f"s{number}", kind="forum", room=f"r{room}", sign_up=True, **values)

    async def release(later: int) -> float:
        forms = [(number, drafted(number, later)) for number in range(SESSIONS)]
        await programme.store_all(SLUG, forms, by=SYSTEM)
        begun = time.perf_counter()
        await programme.release(SLUG, by=SYSTEM, confirmed=moving.CONFIRMED)
        return time.perf_counter() - begun

    new = await release(0)
    await db.execute(
        "INSERT INTO registration (number, event, category, state, email, name_passport)"
        " SELECT 'B-' || n, $1, 'visitor', 'confirmed', 'p' || n || '@example.org', 'Person ' || n"
        " FROM generate_series(1, $2::int) AS n",
        event,
        PEOPLE,
    )
    await db.execute(
        "INSERT INTO registration_session (registration, session) SELECT r.id, s.id FROM registration r"
        " JOIN event_session s ON s.event = r.event WHERE r.event = $1 AND (r.id + s.id) % 100 = 0",
        event,
    )
    moved = await release(15)
    await db.execute("DELETE FROM pgqueuer")  # the mails of the release are not what is measured
    await programme.store_all(SLUG, [(number, drafted(number, 0)) for number in range(SESSIONS)], by=SYSTEM)
    return await session_of(await make_actor("organiser")), new, moved


def run() -> dict[str, Any]:
    """Milliseconds: the page of the draft with 300 changes, opened one after the other; each of the two releases."""
    from fairs.accounts.middleware import SESSION_COOKIE

    with serving(build) as (_, port, (cookie, new, moved)):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        times = []
        for _ in range(OPENED):
            begun = time.perf_counter()
            headers = {"cookie": f"{SESSION_COOKIE}={cookie}"}
            connection.request("GET", f"/organise/editions/{SLUG}/programme", headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            times.append((time.perf_counter() - begun) * 1000)
            assert answer.status == 200, answer.status
            assert body.count(b"data-card ") == SESSIONS // 3, body.count(b"data-card ")
    return {
        "draft opened": {"p50_ms": round(statistics.median(times[3:]), 1), "worst_ms": round(max(times[3:]), 1)},
        "300 sessions released": {"new_ms": round(new * 1000), "moved_with_sign_ups_ms": round(moved * 1000)},
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
