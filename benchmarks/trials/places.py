"""1,000 random things at once to the places of an event, on several server processes: `python -m benchmarks.trials.places`.

`fairs serve --workers 3` and this program, which is a fourth process on the same database. 32 clients register with and
without codes, cancel, accept, decline and let offers lapse, change categories and sessions, and resize pools. During it and
at the end the database is read in one snapshot, and everything is counted anew, without the product's own statements: no
limit is passed by people, offers and kept places together; nobody waits although all that the choice needs is free; nobody
with the same choice stands behind somebody who came later; each offer has one registration, each code its uses.

Bounded: a minute or two, all files in a temporary folder. Exits with 1 when something is wrong.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from benchmarks.serving import served
from fairs.accounts.actor import Actor
from fairs.accounts.middleware import SESSION_COOKIE
from fairs.cli import database, load_settings, run_in_database
from fairs.core import clock, db
from fairs.core.errors import DomainError
from fairs.registrations import changing, deciding
from fairs.registrations.codes import services as codes
from fairs.registrations.codes.forms import CodesForm
from fairs.registrations.offering import services as offering
from fairs.registrations.pools import queries as pools
from fairs.registrations.pools import services as pooling
from fairs.registrations.pools.forms import PoolForm, stored_pool

SLUG = "trial"
CAPACITY = 70
CATEGORIES = ("guest", "media", "expert", "visitor", "candidate")
SESSIONS = ("tour", "dinner")
HOLDING = ("confirmed", "offered", "pending")


@dataclass
class Trial:
    """What the clients know and were told."""

    random: random.Random
    server: httpx.AsyncClient
    token: str
    organiser: Actor
    csrf: str
    event: int
    serial: int = 0
    moved: set[int] = field(default_factory=set)
    codes: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    snapshots: int = 0

    async def call(self, path: str, body: dict[str, Any]) -> int:
        """A call of the API; its status."""
        answer = await self.server.post(path, json=body, headers={"authorization": f"Bearer {self.token}"})
        return answer.status_code

    async def some(self, *states: str) -> int | None:
        """A registration in one of these states."""
        found = await db.fetch(
            "SELECT id FROM registration WHERE event = $1 AND state = ANY($2) ORDER BY id", self.event, list(states)
        )
        return self.random.choice(found)["id"] if found else None


async def register(trial: Trial) -> str:
    """Somebody new, with or without a code."""
    trial.serial += 1
    person = {"email": f"p{trial.serial}@example.org", "name_passport": f"Person {trial.serial}"}
    chosen = [code for code in SESSIONS if trial.random.random() < 0.2]
    body: dict[str, Any] = {
        "event": SLUG,
        "category": trial.random.choice(CATEGORIES),
        "person": person,
        "sessions": chosen,
    }
    if trial.codes and trial.random.random() < 0.3:
        body["code"] = trial.random.choice(trial.codes)
    return str(await trial.call("/api/v1/registrations", body))


async def cancel(trial: Trial) -> str:
    """Somebody goes."""
    number = await trial.some("confirmed", "confirmed", "waitlisted")
    return str(await trial.call(f"/api/v1/registrations/{number}/cancel", {"reason": "trial"})) if number else "nobody"


async def decline(trial: Trial) -> str:
    """An offer is not taken."""
    number = await trial.some("offered")
    return str(await trial.call(f"/api/v1/registrations/{number}/cancel", {"reason": "trial"})) if number else "nobody"


async def accept(trial: Trial) -> str:
    """An offer is taken, on its page."""
    number = await trial.some("offered")
    if number is None:
        return "nobody"
    named = await db.fetchval("SELECT number FROM registration WHERE id = $1", number)
    answer = await trial.server.post(f"/me/fairs/{named}/offer/accept", data={"_csrf_token": trial.csrf})
    return str(answer.status_code)


async def lapse(trial: Trial) -> str:
    """The deadline of an offer is over, and the clock strikes."""
    await db.execute(
        "UPDATE place_offer SET until = $1 WHERE id = (SELECT id FROM place_offer WHERE state = 'open' ORDER BY random() LIMIT 1)",
        clock.now(),
    )
    return f"lapsed {min(1, await offering.lapse())}"


async def move(trial: Trial) -> str:
    """The staff moves somebody to another category."""
    if (number := await trial.some("confirmed", "offered", "waitlisted")) is None:
        return "nobody"
    trial.moved.add(number)
    await deciding.move(number, trial.random.choice(CATEGORIES), by=trial.organiser)
    return "done"


async def sessions(trial: Trial) -> str:
    """Somebody changes sessions."""
    if (number := await trial.some("confirmed", "offered", "waitlisted")) is None:
        return "nobody"
    trial.moved.add(number)
    chosen = [code for code in SESSIONS if trial.random.random() < 0.5]
    await changing.change_sessions(number, chosen, by=trial.organiser)
    return "done"


async def resize(trial: Trial) -> str:
    """A pool gets more places or fewer, never fewer than are taken."""
    pool = trial.random.choice(await pools.pools_of(trial.event))
    values = stored_pool(pool) | {"capacity": max(1, pool.capacity + trial.random.randint(-4, 4))}
    await pooling.change_pool(SLUG, pool.id, PoolForm(**values), by=trial.organiser)
    return "done"


async def make(trial: Trial) -> str:
    """Places are kept for the invited."""
    category = trial.random.choice(("", "guest", "media"))
    form = CodesForm(name="Trial", category=category, reserves=True, uses=trial.random.randint(1, 3))
    trial.codes += await codes.make_codes(SLUG, form, by=trial.organiser)
    return "done"


async def revoke(trial: Trial) -> str:
    """A code ends, by hand or by its time."""
    row = await db.fetchrow(
        "SELECT id FROM access_code WHERE revoked_at IS NULL AND NOT passed_on ORDER BY random() LIMIT 1"
    )
    if row is None:
        return "nobody"
    if trial.random.random() < 0.5:
        await db.execute("UPDATE access_code SET expires_at = $1 WHERE id = $2", clock.now(), row["id"])
        return f"expired {min(1, await codes.pass_on())}"
    await codes.revoke_code(SLUG, row["id"], by=trial.organiser)
    return "done"


ACTS: list[tuple[Callable[[Trial], Awaitable[str]], int]] = [
    (register, 38),
    (cancel, 17),
    (accept, 13),
    (decline, 5),
    (lapse, 5),
    (move, 7),
    (sessions, 5),
    (resize, 4),
    (make, 4),
    (revoke, 2),
]


async def client(trial: Trial, things: list[int]) -> None:
    """Does one thing after the other, as long as there are some."""
    acts, weights = [act for act, _ in ACTS], [weight for _, weight in ACTS]
    while things:
        number = things.pop()
        [act] = trial.random.choices(acts, weights)
        try:
            told = await act(trial)
        except DomainError as refused:
            told = refused.code
        if told.isdigit() and int(told) >= 500:
            trial.wrong.append(f"{act.__name__}: status {told}")
        trial.told[f"{act.__name__} {told}"] += 1
        if number % 25 == 0:
            await check(trial)


async def check(trial: Trial, *, settled: bool = False) -> None:
    """Count everything in one snapshot; what is wrong is kept."""
    async with db.connection() as found, found.transaction(isolation="repeatable_read", readonly=True):
        now = clock.now()
        people = await found.fetch(
            "SELECT r.id, r.state, r.category, r.queue, ARRAY(SELECT x.session FROM registration_session x"
            " WHERE x.registration = r.id ORDER BY 1) AS sessions, u.code, u.took, (SELECT count(*) FROM place_offer o"
            " WHERE o.registration = r.id AND o.state = 'open') AS open FROM registration r"
            " LEFT JOIN access_code_use u ON u.registration = r.id WHERE r.event = $1 ORDER BY r.id",
            trial.event,
        )
        limits = await found.fetch(
            "SELECT p.id, p.capacity, p.categories, ARRAY(SELECT y.session FROM place_pool_session y WHERE y.pool = p.id)"
            " AS sessions FROM place_pool p WHERE p.event = $1",
            trial.event,
        )
        kept = await found.fetch(
            "SELECT id, pool, category, uses, expires_at, revoked_at FROM access_code WHERE event = $1", trial.event
        )
    trial.snapshots += 1
    wrong = trial.wrong.append
    holds = [
        (one, one["uses"] - sum(bool(row["took"]) for row in people if row["code"] == one["id"]))
        for one in kept
        if one["revoked_at"] is None and (one["expires_at"] is None or one["expires_at"] > now)
    ]
    for one, left in holds:
        if left < 0:
            wrong(f"code {one['id']} is used more often than it may be")
    free = {0: CAPACITY - sum(row["state"] in HOLDING for row in people) - sum(left for _, left in holds)}
    for pool in limits:
        taken = sum(row["state"] in HOLDING and _counts(row, pool) for row in people)
        held = sum(left for one, left in holds if one["pool"] == pool["id"] or one["category"] in pool["categories"])
        free[pool["id"]] = pool["capacity"] - taken - held
    for limit, left in free.items():
        if left < 0:
            wrong(f"{-left} too many in {'the event' if not limit else f'pool {limit}'}")
    for row in people:
        if (row["state"] == "offered") != (row["open"] == 1) or row["open"] > 1:
            wrong(f"registration {row['id']} is {row['state']} with {row['open']} open offers")
    waiting = [row for row in people if row["state"] == "waitlisted"]
    if len({row["queue"] for row in waiting}) != len(waiting):
        wrong("two have the same number in the waiting list")
    ended = (
        any(one["expires_at"] is not None for one in kept) and not settled
    )  # its places are passed on a moment later
    for row in [] if ended else waiting:
        if all(free[limit] > 0 for limit in (0, *(pool["id"] for pool in limits if _counts(row, pool)))):
            wrong(f"registration {row['id']} waits although there is a place")
    _in_order(trial, people)


def _counts(row: Any, pool: Any) -> bool:
    return row["category"] in pool["categories"] or bool(set(row["sessions"]) & set(pool["sessions"]))


def _in_order(trial: Trial, people: list[Any]) -> None:
    """Of those with the same choice, who came first has a place first; not of who was moved, or has a code."""
    first: dict[Any, int] = {}
    for row in people:
        if row["id"] in trial.moved or row["code"] is not None:
            continue
        choice = (row["category"], tuple(row["sessions"]))
        if row["state"] == "waitlisted":
            first.setdefault(choice, row["id"])
        elif row["state"] in HOLDING and choice in first:
            trial.wrong.append(f"{row['id']} has a place before {first[choice]} who came first")


async def build() -> tuple[str, str, int, Actor]:
    """An event with three pools, its organiser with a token and a session."""
    from tests import factories, fair
    from tests.cast import make_actor, session_of
    from tests.registrations.test_pools import make_pool

    starts = datetime.now(UTC) + timedelta(days=30)
    event = await factories.event(
        slug=SLUG, capacity=CAPACITY, offer_hours=5, starts_at=starts, ends_at=starts + timedelta(hours=9)
    )
    of = [
        await factories.session(event, code, starts_at=starts, ends_at=starts + timedelta(hours=1)) for code in SESSIONS
    ]
    await make_pool(event, 12, "guest")
    await make_pool(event, 20, "guest", "media", sessions=(of[0],))
    await make_pool(event, 15, "expert", sessions=(of[1],))
    organiser = await make_actor("organiser")
    return await fair.token_of(organiser), await session_of(organiser, proved=True), event, organiser


async def play(port: int, made: tuple[str, str, int, Actor], things: int, clients: int, seed: int) -> Trial:
    """All clients at once, then what is left over by the clock, then the last count."""
    token, session, event, organiser = made
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as server:
        server.cookies.set(SESSION_COOKIE, session)
        await server.get("/login")
        chance = random.Random(seed)
        trial = Trial(chance, server, token, organiser, server.cookies.get("csrftoken") or "", event)
        left = list(range(things))
        await asyncio.gather(*(client(trial, left) for _ in range(clients)))
        await offering.lapse()
        await codes.pass_on()
        await check(trial, settled=True)
    return trial


def main() -> None:
    """The trial, its counts, and 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--things", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--seed", type=int, default=2027)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fairs-trial-") as folder:
        os.chmod(folder, 0o711)
        data = Path(folder) / "data"
        with database(load_settings(data)) as found:
            made = run_in_database(found, build())
            with served(data, "--workers", str(asked.workers)) as (_, port):
                begun = time.monotonic()
                trial = run_in_database(found, play(port, made, asked.things, asked.clients, asked.seed))
                seconds = time.monotonic() - begun
    told = dict(sorted(trial.told.items()))
    print(
        json.dumps(
            {"seconds": round(seconds, 1), "snapshots": trial.snapshots, "wrong": trial.wrong[:20], "told": told},
            indent=2,
        )
    )
    sys.exit(1 if trial.wrong else 0)


if __name__ == "__main__":
    main()
