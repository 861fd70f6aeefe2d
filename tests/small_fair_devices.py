"""Scanners, printers, tokens and hooks of the small fair, with what they have done."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from fairs.accounts import services as accounts
from fairs.accounts.tokens import issue_device_link
from fairs.badges.printers.services import add_printer
from fairs.badges.services import issue_badge
from fairs.checkin.rehearsal.crowd import Assumptions, Guest, arrivals
from fairs.checkin.rehearsal.simulation import Lane, Server, Staffing, simulate
from fairs.core import clock, db
from fairs.webhooks import services as webhooks
from fairs.webhooks.tables import Topic
from tests.agreements import scene
from tests.fair import scanner


async def some(slug: str, event: int, of: scene.Scene, registration: int, morning: datetime) -> dict[str, Any]:
    """By the names that the fair has for them."""
    by = of.organiser
    token, _ = await scanner(event, "gate", by=by)
    printer_token = await add_printer(slug, "Desk 1", by=by)
    printer = await db.fetchval("SELECT id FROM desk_printer")
    await issue_badge(registration)
    device = await db.fetchval("SELECT max(id) FROM access_token WHERE kind = 'device' AND NOT 'print' = ANY(scopes)")
    topics = [Topic.CHECK_IN, Topic.LISTING_CLOSED]
    webhook, _ = await webhooks.make_webhook("Ministry", "https://hooks.invalid/fairs", topics, by=by)
    await webhooks.send_test(webhook, by=by)
    return {
        "api_token": await accounts.issue_token("api", "integration", by=by, account_id=by.account_id),
        "device": device,
        "device_token": token,
        "link": await issue_device_link("North gate", by=by, event_id=event),
        "webhook": webhook,
        "delivery": await db.fetchval("SELECT max(id) FROM webhook_delivery"),
        "conflict": await _conflict(event, device, registration),
        "rehearsal": await _rehearsal(event, morning),
        "printer": printer,
        "print_job": await _print_job(printer, registration),
        "printer_token": printer_token,
    }


async def _print_job(printer: int, registration: int) -> int:
    """A badge that is being printed."""
    sql = (
        "INSERT INTO print_job (printer, badge, state, agent) SELECT $1, id, 'printing', 'agent' FROM badge"
        " WHERE registration = $2 RETURNING id"
    )
    return int(await db.fetchval(sql, printer, registration))


async def _rehearsal(event: int, morning: datetime) -> int:
    """One that is done: too few lanes, and gates that refuse somebody."""
    given = Assumptions(scan_seconds=60)
    people = arrivals([Guest("A", "candidate", morning)], given, people=90)
    gate = Lane("main-in", "主入口", "Main entrance", 1, [])
    server = Server(90, 60.0, 1.2, 3.4, {"too_early": 3})
    result = msgspec.json.encode(simulate(people, Staffing([gate], 1, 1), given, server, [0.001])).decode()
    return int(
        await db.fetchval(
            "INSERT INTO rehearsal (event, state, day, people, lanes, desks, printers, seconds, played, given, result, ended_at)"
            " VALUES ($1, 'done', $2, 90, 1, 1, 1, 60, 90, $3, $4, now()) RETURNING id",
            event,
            morning.date(),
            msgspec.json.encode(given).decode(),
            result,
        )
    )


async def _conflict(event: int, device: int, registration: int) -> int:
    """Somebody whom one scanner admitted, and another one without a network."""
    told = "INSERT INTO scan (uuid, gate, device_id, registration, direction, outcome, scanned_at, offline, conflict, first_scanned_at)"
    rest = " SELECT gen_random_uuid(), id, $2, $3, 'in', $4, $5, $6, $6, $7 FROM gate WHERE event = $1 ORDER BY id LIMIT 1 RETURNING id"
    first = clock.now() - timedelta(minutes=20)
    await db.fetchval(told + rest, event, device, registration, "admitted", first, False, None)
    second = clock.now() - timedelta(minutes=10)
    return int(await db.fetchval(told + rest, event, device, registration, "already", second, True, first))
