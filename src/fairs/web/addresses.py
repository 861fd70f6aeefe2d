"""Where a request came from: one function reads the client's address, two say which network it belongs to."""

import ipaddress
import re
from functools import lru_cache
from typing import Any

FORWARDED = b"x-forwarded-for"
_BRACKETED = re.compile(r"\[(?P<host>[^\]]*)\](?::\d{1,5})?")
_WITH_PORT = re.compile(r"(?P<host>[^:]+):\d{1,5}")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(scope: Any, trusted_proxy: bool) -> str:
    """The caller's address in its shortest form; what the server knows of the connection when that is no address.

    Behind a trusted proxy it is the last entry of all `X-Forwarded-For` lines together: the one that the proxy itself
    has added. What comes before it, in the same line or in another, was sent by the caller. An entry that is no
    address (`unknown`, an obfuscated name) says nothing, so the proxy's own address counts.
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
    """An address as proxies write it: spaces and quotes around it, brackets and a port, a zone. None: not one."""
    text = text.strip().strip('"').strip()
    found = _BRACKETED.fullmatch(text) or _WITH_PORT.fullmatch(text)
    host = (found["host"] if found else text).partition("%")[0].strip()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def network(address: str) -> str:
    """Whose line it is: IPv4 /24, IPv6 /64."""
    return _prefix(address, 24, 64)


def site(address: str) -> str:
    """A house with one way out: IPv4 /24, IPv6 /48. Hundreds of people of a hall share it."""
    return _prefix(address, 24, 48)


def _prefix(address: str, four: int, six: int) -> str:
    known = parse(address)
    if known is None:
        return address[:64]
    return str(ipaddress.ip_network((known, four if known.version == 4 else six), strict=False))
