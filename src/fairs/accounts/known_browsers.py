"""Which accounts have signed in from this browser before: a long-lived signed cookie that marks it as known.

It grants no access: attempts from this browser only get their own count, which a stranger cannot use up. An entry is
bound to the account's current password, so a new password ends it.
"""

import json
import secrets
from datetime import timedelta

from fairs.accounts.rows import Credential
from fairs.core import clock, crypto

COOKIE = "fairs_browser"
LIFE = timedelta(days=180)
MOST = 8  # accounts remembered, the latest first
_PURPOSE = "known browser"


def _mark(account: Credential) -> str:
    return crypto.mac(f"{account.id}|{account.password_hash or ''}", _PURPOSE)


def _read(cookie: str) -> tuple[str, list[str]]:
    """(the browser's id, marks of its accounts); empty when the cookie is not ours or too old."""
    text = crypto.unsign(cookie, _PURPOSE) if cookie and len(cookie) < 1000 else None
    if text is None:
        return "", []
    browser, until, marks = json.loads(text)
    return (browser, marks) if until > clock.now().timestamp() else ("", [])


def recognised(cookie: str, account: Credential | None) -> str:
    """The browser's id if this account has signed in there with its current password, else empty text."""
    browser, marks = _read(cookie)
    return browser if account is not None and _mark(account) in marks else ""


def remember(cookie: str, account: Credential) -> str:
    """The cookie's new value after this account has signed in."""
    browser, marks = _read(cookie)
    mark = _mark(account)
    marks = [mark, *(other for other in marks if other != mark)][:MOST]
    until = int((clock.now() + LIFE).timestamp())
    return crypto.sign(json.dumps([browser or secrets.token_hex(8), until, marks], separators=(",", ":")), _PURPOSE)
