"""How a delivery is signed, when it is tried again, and when a webhook is paused."""

import hashlib
import hmac
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 21600))
"""Before the second attempt, the third and so on: the last one is some nine hours after the first."""
GIVE_UP = 5  # deliveries given up in a row, after which a webhook is paused
_EMBEDDING = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))  # NAT64: an IPv4 address in the last 32 bits
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})


def signature(secret: str, moment: int, body: bytes) -> str:
    """The value of X-Fairs-Signature: HMAC-SHA256 of `{moment}.{body}`, in hex, with the moment (Unix seconds)."""
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after this many attempts; None: give up."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


def is_public(text: str) -> bool:
    """Whether an address belongs to the public internet, also the one that is embedded in it."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        embedded = address.ipv4_mapped or address.sixtofour
        if embedded is None and any(address in network for network in _EMBEDDING):
            embedded = IPv4Address(int(address) & 0xFFFFFFFF)
        if embedded is not None:
            return is_public(str(embedded))
        if address.teredo is not None or address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def is_loopback(text: str) -> bool:
    """Whether an address is this machine's own."""
    return ip_address(text.partition("%")[0]).is_loopback


def fits(url: str, *, loopback: bool) -> bool:
    """Whether an address may be told: https without credentials; `loopback`: also http to this machine, for development."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if not parts.hostname or parts.username or parts.password or parts.fragment or port == 0:
        return False
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return False
    if parts.scheme == "http":
        return loopback and parts.hostname in LOOPBACK_NAMES
    return parts.scheme == "https"
