"""Scans as devices send them. Each is decoded separately, so that a bad one does not affect the others."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec

from fairs.badges import codes
from fairs.checkin.rules import Scan
from fairs.checkin.tables import Direction, Outcome, Reason
from fairs.core.errors import Invalid
from fairs.core.forms import Field, Form
from fairs.core.i18n import N_

MAX_SCANS = 1000
MAX_CODE = 400  # characters stored of a code
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)  # a device that lost its clock sends 1970


class ReadBy(StrEnum):
    """How the code came: read, or by hand: staff typed or chose the registration's number; a QR never says that."""

    CODE = "code"
    HAND = "hand"


_HAND = ReadBy.HAND  # read once: this is asked for each scan
_TOLD, _REASONS = frozenset(Outcome), frozenset(Reason)  # other words, of a later release, are as if nothing was said


class SentScan(msgspec.Struct):
    """One scan on the wire."""

    id: str
    gate: str
    code: str
    scanned_at: Annotated[datetime, msgspec.Meta(tz=True)]
    direction: Direction = Direction.IN
    offline: bool = False
    by: ReadBy = ReadBy.CODE
    told: str = ""
    reason: str = ""


class SentScans(msgspec.Struct):
    """A call whose scans are all well-formed: the usual case, decoded in one step."""

    scans: list[SentScan]


class SentItems(msgspec.Struct):
    """A call with a malformed part: the items are decoded one by one."""

    scans: list[msgspec.Raw]


WRONG = (msgspec.MsgspecError, ValueError, RecursionError)  # errors that decoders raise
_whole = msgspec.json.Decoder(SentScans)
_items = msgspec.json.Decoder(SentItems)
_one = msgspec.json.Decoder(SentScan)
_anything = msgspec.json.Decoder()


def read_scans(body: bytes, *, device_id: int, now: datetime) -> list[Scan]:
    """The scans of a call, in order. Raises Invalid when the body as a whole is malformed."""
    try:
        sent: Sequence[SentScan | msgspec.Raw] = _whole.decode(body).scans
    except WRONG:
        sent = _read_items(body)
    if len(sent) > MAX_SCANS:
        raise Invalid(fields={"scans": [N_("At most 1,000 scans in one call.")]})
    return [_scan(item, device_id, now) for item in sent]


def _read_items(body: bytes) -> list[msgspec.Raw]:
    try:
        return _items.decode(body).scans
    except WRONG:
        pass
    try:
        return _items.decode(_mended(body)).scans
    except WRONG as error:
        raise Invalid(fields={"scans": [N_("Send an object with a list of scans.")]}) from error


def _mended(body: bytes) -> bytes:
    """The body with every invalid character replaced: half a surrogate in one code must not affect the others."""
    value = json.loads(body.decode("utf-8", "replace"))
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def _scan(item: SentScan | msgspec.Raw, device_id: int, now: datetime) -> Scan:
    if isinstance(item, SentScan):
        return _of_form(item, device_id, now)
    try:
        return _of_form(_one.decode(item), device_id, now)
    except WRONG:
        return _unsound(item, device_id, now)


def read_one(item: SentScan, *, device_id: int, now: datetime) -> Scan:
    """A scan whose form is right, of one of several scanners."""
    return _of_form(item, device_id, now)


def _of_form(item: SentScan, device_id: int, now: datetime) -> Scan:
    """A device's clock may be ahead: no scan is later than its arrival here."""
    uuid = _uuid(item.id)
    try:
        scanned_at = item.scanned_at if item.scanned_at.tzinfo is UTC else item.scanned_at.astimezone(UTC)
        scanned_at = min(scanned_at, now)
    except OverflowError:
        scanned_at = datetime.min.replace(tzinfo=UTC)
    sound = uuid is not None and scanned_at >= OLDEST and _plain(item.gate)
    scan = Scan(
        item.id,
        uuid,
        item.gate if sound else "",
        seen(item.code),
        scanned_at if sound else now,
        item.direction,
        item.offline,
        device_id,
        sound=sound,
    )
    if item.offline and item.told in _TOLD:
        scan.told, scan.told_reason = item.told, item.reason if item.reason in _REASONS else Reason.FULL
    if item.by == _HAND:
        scan.number = scan.code.strip().upper() if sound else ""
        return scan
    claim = codes.claim(item.code) if sound else None
    if claim is not None:
        scan.uid, scan.token = claim
    return scan


def _unsound(item: msgspec.Raw, device_id: int, now: datetime) -> Scan:
    """The usable part of a malformed item: its id, so that the device gets an answer, and its code."""
    try:
        value: Any = _anything.decode(item)
    except WRONG:
        value = None
    fields = value if isinstance(value, dict) else {}
    text_id, code = fields.get("id"), fields.get("code")
    return Scan(
        text_id if isinstance(text_id, str) else None,
        _uuid(text_id),
        "",
        seen(code) if isinstance(code, str) else "",
        now,
        Direction.IN,
        fields.get("offline") is True,
        device_id,
        sound=False,
    )


def _uuid(text: object) -> UUID | None:
    if not isinstance(text, str) or len(text) != 36:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None


def _plain(text: str) -> bool:
    """PostgreSQL stores no NUL; lone surrogates are not text."""
    return "\0" not in text and text.isprintable()


def seen(code: str) -> str:
    """A code in storable form."""
    if code.isascii() and code.isprintable() and len(code) <= MAX_CODE:
        return code
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in code[:MAX_CODE])


class DeviceForm(Form):
    """A new scanner."""

    name: Annotated[
        str,
        Field(N_("Name of the scanner"), help=N_("Its place or its user, so that you know which one to switch off.")),
    ]


class DeviceGatesForm(Form):
    """The gates where a scanner may be used; the choices are its event's."""

    gates: Annotated[
        list[str],
        Field(
            N_("Only at these gates"),
            help=N_("Choose none, and the scanner works at every gate of the event."),
            widget="multiselect",
        ),
    ] = msgspec.field(default_factory=list)
