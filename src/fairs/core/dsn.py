"""Addresses of PostgreSQL servers, as the driver (asyncpg) and PostgreSQL's own programs (libpq) both read them.

`postgresql://user:password@host:5432/database`. Several hosts are separated by commas, each with its own port;
`target_session_attrs=read-write` selects the writable one. `urllib` supports neither several hosts nor their ports.
"""

import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

UNDERSTOOD = {
    "host", "port", "dbname", "user", "password", "passfile", "service", "application_name", "options",
    "target_session_attrs", "krbsrvname", "gsslib", "sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl",
    "sslpassword", "sslnegotiation", "ssl_min_protocol_version", "ssl_max_protocol_version",
}  # fmt: skip
"""Parameters with the same meaning in both. The driver would send any other libpq parameter to the server as a setting."""
SESSIONS = {"any", "primary", "standby", "prefer-standby", "read-write", "read-only"}
EXAMPLE = "postgresql://user:password@host:5432/database"
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\[\]:@/\s]*)(?::(\d+))?")


def mistake(text: str) -> str | None:
    """Returns what is wrong with an address, as text to follow its variable's name; None when it looks usable.

    The text never contains the password.
    """
    try:
        parts = urlsplit(text)
    except ValueError:
        return f"must look like {EXAMPLE}"
    _, _, hosts = parts.netloc.rpartition("@")
    found = [_HOST.fullmatch(host) for host in hosts.split(",")]
    if parts.scheme not in ("postgresql", "postgres") or not all(found) or parts.fragment:
        return f"must look like {EXAMPLE}"
    if "@" in parts.netloc.rpartition("@")[0]:
        return "has an @ in its user or password: write it as %40"
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    ports = [host[2] for host in found if host and host[2]] + [
        port for port in options.get("port", "").split(",") if port
    ]
    if not all(port.isdecimal() and 0 < int(port) < 65536 for port in ports):
        return "has a port that is not from 1 to 65535"
    if strange := sorted(set(options) - UNDERSTOOD):
        return f"has a parameter that is not understood: leave out {', '.join(strange)}"
    if options.get("target_session_attrs", "any") not in SESSIONS:
        return f"has a target_session_attrs that is none of {', '.join(sorted(SESSIONS))}"
    return None


def without_password(text: str) -> tuple[str, str | None]:
    """Returns the address without its password, and the password: other users can read command lines."""
    parts = urlsplit(text)
    user, at, hosts = parts.netloc.rpartition("@")
    name, colon, word = user.partition(":")
    query = parse_qsl(parts.query, keep_blank_values=True)
    words = [value for key, value in query if key == "password"]
    options = urlencode([pair for pair in query if pair[0] != "password"])
    bare = urlunsplit(parts._replace(netloc=f"{name}{at}{hosts}", query=options))
    return bare, unquote(word) if colon else words[-1] if words else None
