"""The signed text in a badge's QR, pure.

16 bytes (version, key number, event, badge uid, expiry in hours) and an Ed25519 signature over them, 80 bytes in all:
exactly 128 characters of base32 without padding, so that no bit is unused and every changed character is detected.
The upper-case letters and digits are in the QR's alphanumeric set: version 6 at error correction M. It contains no
personal data; the uid is random.

A badge may also be printed as an address (`HTTPS://FAIRS.EXAMPLE/B/<token>`), which a plain phone opens.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

VERSION = 1
BODY = 16  # bytes before the signature
LENGTH = 128  # characters
UID = 8  # bytes
MAX_URL = 400  # characters: a longer text is no badge
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789abcdefghijklmnopqrstuv")  # as int() reads them
_TOKEN = re.compile(r"[A-Z2-7]{128}")
_ADDRESS = re.compile(r"https?://[^/\s]+(?:/[^/\s]+)*/b/([a-z2-7]+)/?", re.IGNORECASE)
QR_ALPHABET = re.compile(r"[0-9A-Z $%*+\-./:]+")


class BadToken(ValueError):
    """The text is not a badge of ours. `reason` is the scanner's message."""

    reason = "malformed"


class Malformed(BadToken):
    """Not a token: another QR code, or truncated."""


class Forged(BadToken):
    """The form is valid, but the signature is not, or the key is unknown."""

    reason = "forged"


class Expired(BadToken):
    """Ours, but its fair is over."""

    reason = "too_late"


@dataclass(frozen=True)
class Token:
    """The content of a badge's token. `expires_at` is a whole hour."""

    event: int
    uid: bytes
    expires_at: datetime
    key: int
    version: int = VERSION


def _hours(moment: datetime) -> int:
    """Whole hours since 1970, rounded up."""
    return -(-(moment - _EPOCH) // timedelta(hours=1))


def body(token: Token) -> bytes:
    """The 16 bytes to sign. Raises ValueError or OverflowError for values that do not fit."""
    if len(token.uid) != UID:
        raise ValueError(f"a badge's uid has {UID} bytes")
    hours = _hours(token.expires_at).to_bytes(3, "big")
    return bytes([token.version, token.key]) + token.event.to_bytes(3, "big") + token.uid + hours


def encode(token: Token, private_key: Ed25519PrivateKey) -> str:
    """The signed token as text."""
    signed = body(token)
    return base64.b32encode(signed + private_key.sign(signed)).decode("ascii")


def bare(text: str) -> str:
    """The token of a bare token or an address, in upper case. Raises Malformed."""
    if len(text) > MAX_URL:
        raise Malformed("too long")
    text = text.strip()
    address = _ADDRESS.fullmatch(text)
    token = (address.group(1) if address else text).upper()
    if not _TOKEN.fullmatch(token):
        raise Malformed("not 128 characters of base32")
    return token


def uid_of(token: str) -> bytes:
    """The badge's uid that a bare token claims, *unverified*: a gate looks up nothing else. Raises Malformed."""
    raw = _bytes(token[:24])  # 15 bytes, the uid among them
    _check_version(raw[0])
    return raw[5:13]


def _bytes(letters: str) -> bytes:
    """Base32 letters, a multiple of eight, as bytes. The standard library's decoder, in pure Python, is twenty times
    slower."""
    return int(letters.translate(_DIGITS), 32).to_bytes(len(letters) * 5 // 8, "big")


def _check_version(version: int) -> None:
    if version != VERSION:
        raise Malformed(f"version {version}")


def decode(text: str) -> Token:
    """The claim of a code, *unverified*. Raises Malformed."""
    return _decode(_bytes(bare(text)))


def _decode(raw: bytes) -> Token:
    version, key = raw[0], raw[1]
    _check_version(version)
    hours = int.from_bytes(raw[13:BODY], "big")
    return Token(
        event=int.from_bytes(raw[2:5], "big"),
        uid=raw[5:13],
        expires_at=_EPOCH + timedelta(hours=hours),
        key=key,
        version=version,
    )


def verify(text: str, public_keys: Mapping[int, bytes], *, at: datetime | None = None) -> Token:
    """The token of a code with our signature. `public_keys`: number → 32 raw bytes; retired ones stay valid.

    Raises Malformed, Forged, or, when `at` is given, Expired.
    """
    raw = _bytes(bare(text))
    token = _decode(raw)
    public = public_keys.get(token.key)
    if public is None:
        raise Forged("unknown key")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(raw[BODY:], raw[:BODY])
    except InvalidSignature as error:
        raise Forged("signature") from error
    if at is not None and at >= token.expires_at:
        raise Expired("over")
    return token


def qr_text(token: str, base_url: str) -> str:
    """The printed text: an address if the installation has a public one, so that a plain phone opens a page.

    Without HTTPS, or with characters that would make the code larger, the bare token.
    """
    address = f"{base_url.rstrip('/')}/b/".upper()
    if address.startswith("HTTPS://") and len(address) <= 50 and QR_ALPHABET.fullmatch(address):
        return address + token
    return token
