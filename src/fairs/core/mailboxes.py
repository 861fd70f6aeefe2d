"""E-mail addresses: each mailbox has one spelling, so that one person is found by it.

Pages, API calls, sign-in, invitations and imports all use `normal`. The whole address is in lower case: no mail
server in use distinguishes `Ana@` from `ana@`. A plus sign with its suffix and the dots of some providers are kept:
their meaning depends on the provider, and a person may want the difference.
"""

import re
import unicodedata
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from fairs.core.cleaning import Unstorable, clean_text, fold_digits, fold_hyphens
from fairs.core.errors import Invalid
from fairs.core.i18n import N_, Lazy

NO_ADDRESS = N_("This is not an e-mail address")
NO_LOCAL = N_(
    "Mail cannot be delivered to this address: before the @ only letters from a to z, digits and . _ - + are allowed,"
    " no dot at an end and no two dots together"
)
NO_FOREIGN_LOCAL = N_(
    "Mail cannot be delivered to this address: most mail servers refuse the letters before the @. Use an address"
    " in letters from a to z."
)
_DOTS = re.compile("[。．｡․·•‧∙]")
MOST, MOST_LOCAL = 254, 64  # characters, by RFC 5321
_AT = re.compile(r"\s*@\s*")
_EDGES = " \t\n<>,;:，；：、"
# Cyrillic and Greek letters, small or once capital, that look like the Latin letter at the same index below.
_LOOKS = dict(
    zip(
        "авсԁеғһніїјкқморԛѕтυѵԝхуҽαβεηικνορτχҳ",
        "abcdefhhiijkkmopqstuvwxyeabenikvoptxx",
        strict=True,
    )
)


class NoAddress(ValueError):
    """Not an address; the message is the sentence that explains why."""

    def __init__(self, message: Lazy) -> None:
        super().__init__(message)
        self.message = message


def normal(text: str) -> str:
    """The address as stored. Raises Invalid for `email`."""
    try:
        return read(text)
    except NoAddress as refused:
        raise Invalid(fields={"email": [refused.message]}) from refused


def looked_up(text: str) -> str:
    """The address to search for: normalised if valid, else as typed, which matches nothing."""
    try:
        return read(text)
    except NoAddress:
        return text.strip().lower()


@lru_cache(maxsize=4096)
def read(text: str) -> str:
    """The address as stored: ASCII, lower case, the domain in its IDNA form. Raises NoAddress.

    Full-width signs, the dots of Chinese and Japanese keyboards, `mailto:` and the brackets of an address book are
    accepted; a letter that only looks Latin among Latin ones becomes the Latin one.
    """
    try:
        text = unicodedata.normalize("NFKC", _DOTS.sub(".", clean_text(text)))
    except Unstorable as refused:
        raise NoAddress(NO_ADDRESS) from refused
    text = fold_hyphens(fold_digits(_AT.sub("@", text).strip(_EDGES))).lower()
    text = text.removeprefix("mailto:").strip(_EDGES).rstrip(".")
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain or "@" in local or any(letter.isspace() for letter in text):
        raise NoAddress(NO_ADDRESS)
    local, domain = _latin(local), _domain(".".join(_latin(label) for label in domain.split(".")))
    address = f"{_local(local)}@{domain}"
    if len(address) > MOST:
        raise NoAddress(NO_ADDRESS)
    return address


def _latin(part: str) -> str:
    """Replaces look-alikes of other scripts among Latin letters by the Latin ones; a part entirely in another script stays."""
    if part.isascii() or not re.search("[a-z]", part):
        return part
    folded = "".join(_LOOKS.get(letter, letter) for letter in part)
    return folded if folded.isascii() else part


def _domain(domain: str) -> str:
    try:
        found = validate_email(f"a@{domain}", check_deliverability=False)
    except EmailNotValidError as refused:
        raise NoAddress(NO_ADDRESS) from refused
    return str(found.ascii_domain).lower()


def _local(local: str) -> str:
    if not local.isascii():
        raise NoAddress(NO_FOREIGN_LOCAL)
    if len(local) > MOST_LOCAL:
        raise NoAddress(N_("At most %(limit)s characters before the @", limit=MOST_LOCAL))
    try:
        validate_email(f"{local}@example.org", check_deliverability=False, allow_quoted_local=False)
    except EmailNotValidError as refused:
        raise NoAddress(NO_LOCAL) from refused
    return local
