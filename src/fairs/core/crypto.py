"""Secrets: tokens are stored as hashes, sensitive fields encrypted, cookies signed. One key, separated by purpose.

Keys form a ring: the first one encrypts and signs, all of them decrypt and verify. Sealed text names its key, so that a key
can be replaced while servers run: `fairs rotate-keys` adds a new first key, seals everything again, deletes the old key.
"""

import base64
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fairs.core.services import Service

SHORTEST_KEY = 32  # characters
FRESH_SECONDS = 1.0  # interval between checks of the key file: after this all processes of a machine use a new key
PREFIX = "sealed:"  # a sealed text: `sealed:<key id>:<base64>`
HIDDEN = "••••••"  # shown instead of a secret
_NONCE = 12  # bytes, AES-GCM
_ID = 4  # bytes of a key's id
_VERSION = b"\x01"
_MARK_LETTERS = str.maketrans("0123456789abcdef", "ABCDEFGHIJKLMNOP")


@dataclass
class Ring:
    """The installation's keys, the current one first. Keys from a `file` are read again when it changes."""

    keys: tuple[bytes, ...] = ()
    file: Path | None = None
    seen: tuple[int, int] = (0, 0)  # inode and modification time of the file when it was read
    looked: float = 0.0

    @property
    def current(self) -> bytes:
        if not self.keys:
            raise RuntimeError("crypto.configure() has not been called")
        return self.keys[0]

    def refresh(self, *, now: bool = False) -> None:
        """Read the key file again if it has changed."""
        if self.file is None or (not now and time.monotonic() - self.looked < FRESH_SECONDS):
            return
        self.looked = time.monotonic()
        try:
            stat = self.file.stat()
            if (stat.st_ino, stat.st_mtime_ns) == self.seen:
                return
            keys = read_keys(self.file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return  # the known keys stay in use; `fairs doctor` reports the file
        if keys and all(len(key) >= SHORTEST_KEY for key in keys):
            self.keys, self.seen = tuple(key.encode() for key in keys), (stat.st_ino, stat.st_mtime_ns)


_ring = Service(Ring)


def configure(secret_key: str, *others: str, file: Path | None = None) -> None:
    """Set the installation's keys, the current one first. Keys from a `file` are read again when it changes.

    Raises ValueError when a key is too short.
    """
    keys = [key for key in (secret_key, *others) if key]
    if not secret_key or any(len(key) < SHORTEST_KEY for key in keys):
        raise ValueError(f"FAIRS_SECRET_KEY needs at least {SHORTEST_KEY} characters")
    _ring.set(Ring(tuple(dict.fromkeys(key.encode() for key in keys)), file))


def read_keys(text: str) -> list[str]:
    """The keys of a key file: one per line, the current one first."""
    return [line.strip() for line in text.splitlines() if line.strip()]


@lru_cache(maxsize=256)
def _key(master: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode()).derive(master)


@lru_cache(maxsize=256)
def _cipher(master: bytes, purpose: str) -> AESGCM:
    return AESGCM(_key(master, purpose))


def _id_of(master: bytes) -> bytes:
    return _key(master, "key-id")[:_ID]


def _current() -> bytes:
    ring = _ring()
    ring.refresh()
    return ring.current


def _masters() -> tuple[bytes, ...]:
    _current()  # raises when there is none
    return _ring().keys


def _by_id(key_id: bytes) -> bytes | None:
    """The key with this id. An unknown key may have just been made, so the file is read again."""
    for fresh in (False, True):
        if fresh:
            _ring().refresh(now=True)
        for master in _masters():
            if _id_of(master) == key_id:
                return master
    return None


def current_id() -> str:
    """The id of the current key: eight hex digits that reveal nothing about the key."""
    return _id_of(_current()).hex()


def key_ids() -> list[str]:
    """The ids of all keys that can decrypt, the current one first."""
    return [_id_of(master).hex() for master in _masters()]


def id_of(secret_key: str) -> str:
    """The id of a key."""
    return _id_of(secret_key.encode()).hex()


def new_token() -> str:
    """A new random token, 256 bits, safe in URLs."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """The stored form of a token: tokens are random, so a plain SHA-256 is enough."""
    return hashlib.sha256(token.encode()).digest()


def _seal(plain: bytes, purpose: str, master: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(master, purpose).encrypt(nonce, plain, purpose.encode())


def _open(sealed: bytes, purpose: str, master: bytes) -> bytes:
    try:
        return _cipher(master, purpose).decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())
    except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a nonce
        raise ValueError("sealed with another key, or changed") from error


def encrypt(plain: bytes, purpose: str) -> bytes:
    """AES-256-GCM with a separate key for each purpose: version ‖ key id ‖ nonce ‖ ciphertext."""
    master = _current()
    return _VERSION + _id_of(master) + _seal(plain, purpose, master)


def decrypt(sealed: bytes, purpose: str) -> bytes:
    """Reverse of `encrypt`, also for values that an earlier version sealed without naming its key.

    Raises ValueError when the value was changed or the key is another.
    """
    head = len(_VERSION) + _ID
    master = _by_id(sealed[1:head]) if sealed[:1] == _VERSION else None
    if master is not None:
        try:
            return _open(sealed[head:], purpose, master)
        except ValueError:
            pass  # one in 2^40 values of the old format looks like the new one
    for older in _masters():
        try:
            return _open(sealed, purpose, older)
        except ValueError:
            continue
    raise ValueError("sealed with another key, or changed")


def seal_text(plain: str, purpose: str) -> str:
    """A text in its stored form: `sealed:<key id>:<base64>`; the empty text stays empty."""
    if not plain:
        return ""
    master = _current()
    body = base64.urlsafe_b64encode(_seal(plain.encode(), purpose, master)).decode().rstrip("=")
    return f"{PREFIX}{_id_of(master).hex()}:{body}"


def open_text(stored: str, purpose: str) -> str:
    """Reverse of `seal_text`; a text stored before sealing is returned unchanged.

    Raises ValueError when it was changed or its key is unknown.
    """
    if not stored.startswith(PREFIX):
        return stored
    key_id, _, body = stored[len(PREFIX) :].partition(":")
    try:
        master = _by_id(bytes.fromhex(key_id))
        raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except ValueError as error:
        raise ValueError("sealed with another key, or changed") from error
    if master is None:
        raise ValueError(f"sealed with the key {key_id}, which is not known here")
    return _open(raw, purpose, master).decode()


def _mark(text: str, purpose: str, master: bytes) -> str:
    return hmac.new(_key(master, purpose), text.encode(), hashlib.sha256).hexdigest()[:12].translate(_MARK_LETTERS)


def mark(text: str, purpose: str) -> str:
    """A keyed hash to find a sealed value without decrypting it: twelve capital letters, 48 bits."""
    return _mark(text, purpose, _current())


def marks(text: str, purpose: str) -> list[str]:
    """The marks of a text under every key: the values to search for while rows are sealed again."""
    return [_mark(text, purpose, master) for master in _masters()]


def sign(text: str, purpose: str) -> str:
    """`text` with a signature: for cookies and links that only we can make."""
    return _sign(text, purpose, _current())


def _sign(text: str, purpose: str, master: bytes) -> str:
    mac = hmac.new(_key(master, purpose), text.encode(), hashlib.sha256).digest()[:16]
    body = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return f"{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def unsign(signed: str, purpose: str) -> str | None:
    """The text that was given to `sign`, or None when the signature is not ours."""
    body, _, _ = signed.partition(".")
    try:
        text = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    except ValueError:
        return None
    return text if matches(signed, [_sign(text, purpose, master) for master in _masters()]) else None


def matches(given: str, expected: Sequence[str]) -> bool:
    """Whether `given` equals one of the expected texts, in constant time."""
    return any(hmac.compare_digest(given.encode(), one.encode()) for one in expected)


def mac(text: str, purpose: str) -> str:
    """A keyed hash of `text`, 22 characters: for look-up keys that must not reveal their source."""
    digest = hmac.new(_key(_current(), purpose), text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()[:16]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
