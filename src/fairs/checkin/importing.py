"""Scans that a phone has saved to a file because it never reached the server again."""

import json
from typing import Any

import msgspec

from fairs.accounts.actor import Actor, Device
from fairs.accounts.tables import TokenKind
from fairs.audit.services import record
from fairs.checkin import services
from fairs.checkin.forms import MAX_SCANS, read_scans
from fairs.checkin.rows import ScannedEvent
from fairs.checkin.rules import Result
from fairs.checkin.tables import Outcome
from fairs.core import clock, db
from fairs.core.errors import Invalid
from fairs.core.i18n import N_
from fairs.core.rows import fetch_value_or_none

MOST = 30_000  # scans of a file
NO_FILE = N_("Choose the file that the phone has saved.")
OTHER = N_("This file is of another event.")
NO_SCANNER = N_("Choose the scanner that scanned them.")


class Saved(msgspec.Struct):
    """A file as `static/js/scanner-queue.js` writes it."""

    event: str
    scans: list[dict[str, Any]]


def _read(content: bytes, event: ScannedEvent) -> list[dict[str, Any]]:
    try:
        saved = msgspec.json.decode(content, type=Saved)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Invalid(fields={"file": [NO_FILE]}) from error
    if saved.event != event.slug:
        raise Invalid(fields={"file": [OTHER]})
    if len(saved.scans) > MOST:
        raise Invalid(fields={"file": [N_("At most %(most)s scans in one file.", most=f"{MOST:,}")]})
    return [scan | {"offline": True} for scan in saved.scans]


async def _scanner(event: ScannedEvent, token_id: int) -> Device:
    """The scanner whose scans they are, also one that is switched off."""
    sql = "SELECT name FROM access_token WHERE id = :id AND event_id = :event AND kind = :kind AND NOT 'print' = ANY(scopes)"
    name = await fetch_value_or_none(str, sql, id=token_id, event=event.id, kind=TokenKind.DEVICE.value)
    if name is None:
        raise Invalid(fields={"device": [NO_SCANNER]})
    return Device(token_id, name, event.id)


async def read_in(event: ScannedEvent, token_id: int, content: bytes, *, by: Actor) -> tuple[int, int]:
    """Record the scans of a file as those of a scanner: how many, and how many refused or in conflict. Raises Invalid.

    The same file again changes nothing: every scan has its id.
    """
    scans = _read(content, event)
    device = await _scanner(event, token_id)
    results: list[Result] = []
    for start in range(0, len(scans), MAX_SCANS):
        body = json.dumps({"scans": scans[start : start + MAX_SCANS]}).encode()
        sent = read_scans(body, device_id=token_id, now=clock.now())
        results += await services.record_scans(sent, device)
    wrong = sum(result.outcome == Outcome.REFUSED or result.conflict for result in results)
    async with db.transaction_or_join():
        await record("scan.read_in", "access_token", token_id, by=by, after={"scans": len(results), "refused": wrong})
    return len(results), wrong
