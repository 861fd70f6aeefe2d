"""Secrets: tokens are stored as hashes, sensitive fields encrypted, cookies signed. One key, separated by purpose."""

import base64
import hashlib
import hmac
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12  # bytes, AES-GCM
_master = b""


def configure(secret_key: str) -> None:
    """Set the installation's key. Raises ValueError when it is too short to be one."""
    global _master
    if len(secret_key) < 32:
        raise ValueError("FAIRS_SECRET_KEY needs at least 32 characters")
    _master = secret_key.encode()


def _key(purpose: str) -> bytes:
    if not _master:
        raise RuntimeError("crypto.configure() has not been called")
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode()).derive(_master)


def new_token() -> str:
    """A fresh unguessable token, 256 bits, safe in URLs."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """What is stored of a token: tokens are random, so a plain SHA-256 suffices."""
    return hashlib.sha256(token.encode()).digest()


def encrypt(plain: bytes, purpose: str) -> bytes:
    """AES-256-GCM under a key of its own for each purpose: nonce ‖ ciphertext."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key(purpose)).encrypt(nonce, plain, purpose.encode())


def decrypt(sealed: bytes, purpose: str) -> bytes:
    """Reverse of `encrypt`. Raises ValueError when it was changed or the key is another."""
    try:
        return AESGCM(_key(purpose)).decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())
    except InvalidTag as error:
        raise ValueError("sealed with another key, or changed") from error


def sign(text: str, purpose: str) -> str:
    """`text` with a signature: for cookies and links that only we may have made."""
    mac = hmac.new(_key(purpose), text.encode(), hashlib.sha256).digest()[:16]
    body = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return f"{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def unsign(signed: str, purpose: str) -> str | None:
    """The text of `sign`, or None when it is not ours."""
    body, _, _ = signed.partition(".")
    try:
        text = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    except ValueError:
        return None
    return text if hmac.compare_digest(sign(text, purpose).encode(), signed.encode()) else None
