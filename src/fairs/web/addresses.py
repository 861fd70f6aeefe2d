"""Origin of a request: one function reads the client's address, two return the network it belongs to."""

import ipaddress
import re
from functools import lru_cache
from typing import Any

FORWARDED = b"x-forwarded-for"
_BRACKETED = re.compile(r"\[(?P<host>[^\]]*)\](?::\d{1,5})?")
_WITH_PORT = re.compile(r"(?P<host>[^:]+):\d{1,5}")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(scope: Any, trusted_proxy: bool) -> str:
    """The caller's address in its shortest form; the server's own value when that is not an address.

    Behind a trusted proxy it is the last entry of all `X-Forwarded-For` lines together: the one that the proxy itself
    has added. Entries before it, in the same line or in another, were sent by the caller. If the entry is not an
    address (`unknown`, an obfuscated name), the proxy's own address is used.
    """
    client = scope.get("client")
    peer = str(client[0]) if client else ""
    if trusted_proxy:
        lines = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == FORWARDED]
        last = parse(",".join(lines).rsplit(",", 1)[-1])
        if last:
            return str(last)
    known = parse(peer)
    return str(known) if known else peer[:64]


@lru_cache(4096)
def parse(text: str) -> Address | None:
    """An address as proxies write it: with spaces, quotes, brackets, a port or a zone. None: not an address."""
    text = text.strip().strip('"').strip()
    match = _BRACKETED.fullmatch(text) or _WITH_PORT.fullmatch(text)
    host = (match["host"] if match else text).partition("%")[0].strip()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def network(address: str) -> str:
    """The network of one subscriber: IPv4 /24, IPv6 /64."""
    return _prefix(address, 24, 64)


def site(address: str) -> str:
    """The network of one building: IPv4 /24, IPv6 /48. Hundreds of people in a hall share it."""
    return _prefix(address, 24, 48)


def _prefix(address: str, four: int, six: int) -> str:
    known = parse(address)
    if known is None:
        return address[:64]
    return str(ipaddress.ip_network((known, four if known.version == 4 else six), strict=False))
