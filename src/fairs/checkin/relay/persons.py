"""Persons of a relay's answers: each sealed record is opened by the code that was shown, and by nothing else."""

import asyncio
import base64
from collections.abc import Sequence

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec.structs import replace

from fairs.checkin import snapshot
from fairs.checkin.rules import Person, Result, Scan
from fairs.core.rows import Row, fetch_as

_RECORDS = "SELECT b.id, b.uid, k.sealed FROM badge b JOIN relay_badge k ON k.badge = b.id WHERE "


class _Record(Row, frozen=True):
    """A badge with its sealed person."""

    id: int
    uid: bytes
    sealed: str


def opened(sealed: str, token: str, uid: bytes) -> Person | None:
    """The person of a badge; None when the code is another one."""
    box = base64.b64decode(sealed)
    try:
        plain = AESGCM(snapshot.key_of(token)).decrypt(box[: snapshot.NONCE], box[snapshot.NONCE :], uid)
    except InvalidTag:
        return None
    return msgspec.json.decode(plain, type=Person)


def _with_persons(scans: Sequence[Scan], results: list[Result], sealed: dict[bytes, str]) -> list[Result]:
    told = []
    for scan, result in zip(scans, results, strict=True):
        if result.person is not None and scan.uid is not None and scan.token and scan.uid in sealed:
            result = replace(result, person=opened(sealed[scan.uid], scan.token, scan.uid) or result.person)
        told.append(result)
    return told


class SealedCopy:
    """What a relay has in place of the names."""

    async def with_persons(self, scans: Sequence[Scan], results: list[Result]) -> list[Result]:
        """The answers with the persons whose codes were read. A number typed by hand opens nothing."""
        uids = [scan.uid for scan in scans if scan.uid is not None]
        rows = await fetch_as(_Record, f"{_RECORDS} b.uid = ANY(:uids::bytea[])", uids=uids) if uids else []
        sealed = {row.uid: row.sealed for row in rows}
        if len(results) < 20:
            return _with_persons(scans, results, sealed)
        return await asyncio.to_thread(_with_persons, scans, results, sealed)

    async def records(self, badges: Sequence[int]) -> list[str] | None:
        """As the server sealed them."""
        rows = await fetch_as(_Record, f"{_RECORDS} b.id = ANY(:badges::bigint[])", badges=badges)
        sealed = {row.id: row.sealed for row in rows}
        return [sealed.get(badge, "") for badge in badges]
