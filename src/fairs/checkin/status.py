"""How scanners stand: their reports, one row each."""

from datetime import datetime
from typing import Annotated, Any, Protocol

import msgspec
from litestar.openapi.spec import Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from fairs.accounts.actor import Device
from fairs.accounts.tokens import touch
from fairs.audit.services import record
from fairs.core import clock
from fairs.core.errors import Invalid
from fairs.core.i18n import N_
from fairs.core.rows import execute

AGAIN = 60  # seconds between two reports
LEAST = 5  # seconds: an earlier report is not stored
FAR = 10 * 366 * 86_400  # seconds: what a lost clock may deviate
MOST = 1_000_000  # scans in a queue
NULL = OpenAPIType.NULL

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Report(msgspec.Struct):
    """What a scanner says about itself. What it cannot know is null."""

    gate: Annotated[str, msgspec.Meta(max_length=40)] = ""
    battery: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    charging: bool | None = None
    queued: Annotated[int, msgspec.Meta(ge=0, le=MOST)] = 0
    oldest_queued_at: Moment | None = None
    version: Annotated[str, msgspec.Meta(max_length=40)] = ""
    data_at: Moment | None = None
    clock: Moment | None = None
    camera: bool | None = None
    looked_up: Annotated[int, msgspec.Meta(ge=0, le=MOST)] = 0


def schema() -> Schema:
    """The body of a report."""
    boolean = Schema(type=[OpenAPIType.BOOLEAN, NULL])
    moment = Schema(type=[OpenAPIType.STRING, NULL], format=OpenAPIFormat.DATE_TIME)
    text = Schema(type=OpenAPIType.STRING, max_length=40)
    number = Schema(type=[OpenAPIType.INTEGER, NULL], minimum=0, maximum=100, description="per cent")
    queue = Schema(type=OpenAPIType.INTEGER, minimum=0, maximum=MOST, description="scans that are not sent yet")
    properties: dict[str, Any] = {
        "gate": text,
        "battery": number,
        "charging": boolean,
        "queued": queue,
        "oldest_queued_at": moment,
        "version": text,
        "data_at": moment,
        "clock": moment,
        "camera": boolean,
        "looked_up": Schema(
            type=OpenAPIType.INTEGER,
            minimum=0,
            maximum=MOST,
            description="look-ups by name without a network since the last report",
        ),
    }
    return Schema(type=OpenAPIType.OBJECT, properties=properties)


def read(data: dict[str, Any]) -> Report:
    """The report of a body. Raises Invalid."""
    try:
        return msgspec.convert(data, Report)
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        raise Invalid(N_("The report has not the documented form.")) from error


class Clocked(Protocol):
    """A report with the time of who sent it."""

    clock: datetime | None


def skew_of(report: Clocked, now: datetime) -> int | None:
    """Seconds by which the server's clock is ahead of the scanner's."""
    if report.clock is None:
        return None
    try:
        ahead = int((now - report.clock).total_seconds())
    except OverflowError:
        return None
    return max(-FAR, min(FAR, ahead))


async def store(report: Report, device: Device) -> int | None:
    """Replace the scanner's last report, unless it came seconds ago. A gate of another event counts as none."""
    now = clock.now()
    skew = skew_of(report, now)
    await touch(device.token_id)
    if report.looked_up:
        after = {"gate": plain(report.gate), "looked_up": report.looked_up}
        await record("gate.looked_up", "access_token", device.token_id, by=device, after=after)
    await execute(
        "INSERT INTO scan_device_status AS s (device, gate, at, battery, charging, queued, oldest_queued_at, version, data_at,"
        " skew_seconds, camera) VALUES (:device, (SELECT g.id FROM gate g WHERE g.event = :event AND g.code = :gate"
        " AND (:gates::bigint[] IS NULL OR g.id = ANY(:gates))), :now, :battery, :charging, :queued, :oldest, :version, :data,"
        " :skew, :camera)"
        " ON CONFLICT (device) DO UPDATE SET gate = excluded.gate, at = excluded.at, battery = excluded.battery,"
        " charging = excluded.charging, queued = excluded.queued, oldest_queued_at = excluded.oldest_queued_at,"
        " version = excluded.version, data_at = excluded.data_at, skew_seconds = excluded.skew_seconds,"
        " camera = excluded.camera WHERE s.at < excluded.at - make_interval(secs => :least::int)",
        device=device.token_id,
        event=device.event_id,
        gate=plain(report.gate),
        gates=None if device.gate_ids is None else sorted(device.gate_ids),
        now=now,
        battery=report.battery,
        charging=report.charging,
        queued=report.queued,
        oldest=report.oldest_queued_at,
        version=plain(report.version),
        data=report.data_at,
        skew=skew,
        camera=report.camera,
        least=LEAST,
    )
    return skew


def plain(text: str) -> str:
    """PostgreSQL stores no NUL; lone surrogates are not text."""
    return "".join(letter for letter in text if letter.isprintable())
