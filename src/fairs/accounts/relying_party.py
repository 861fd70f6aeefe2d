"""For which site passkeys are made: the host name and origin of the public address."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from fairs.core.i18n import N_
from fairs.notifications.services import base_url
from fairs.web.templating import environment


@dataclass(frozen=True)
class Site:
    """What a browser compares a passkey with."""

    rp_id: str
    origin: str


def site() -> Site | None:
    """The site of this installation; None where browsers allow no passkeys, because its address is an IP or not secure."""
    parts = urlsplit(base_url())
    try:
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port
    except ValueError:  # no host name
        return None
    local = host == "localhost" or host.endswith(".localhost")
    if not host or _is_ip(host) or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        return None
    usual = 443 if parts.scheme == "https" else 80
    return Site(host, f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else ""))


def host() -> str:
    """The host name for pages; empty where passkeys do not work."""
    found = site()
    return found.rp_id if found else ""


environment().globals["passkey_host"] = host


def why_not() -> object:
    """The sentence for a page, empty where passkeys work."""
    if site():
        return ""
    return N_(
        "Passkeys need a public address with a host name and HTTPS; that of this installation is %(address)s."
        " Its administrator sets it (FAIRS_BASE_URL).",
        address=base_url(),
    )


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
