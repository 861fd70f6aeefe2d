"""Mail headers: one charset in each, and a Message-ID that distinguishes a retry from a second mail.

Python's policy encodes ASCII words of a header as US-ASCII and others as UTF-8; some programs display only a part.
"""

from email.header import Header
from email.policy import EmailPolicy
from typing import Any

from fairs.notifications.rows import MailRow

LINE = 76  # characters of a folded line, as RFC 2047 requires


class OneCharset(EmailPolicy):
    """As `email.policy.SMTP`, but a header that is not ASCII is entirely UTF-8."""

    def fold(self, name: str, value: Any) -> str:
        """The header's lines with line ends."""
        words = _encoded(name, value, self.linesep)
        return super().fold(name, value) if words is None else f"{name}: {words}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The same as bytes."""
        words = _encoded(name, value, self.linesep)
        return super().fold_binary(name, value) if words is None else f"{name}: {words}{self.linesep}".encode("ascii")


WHOLE = frozenset(
    {"list-unsubscribe"}
)  # an address: Python would write a long one in encoded words, which nobody follows
POLICY = OneCharset(linesep="\r\n")


def _encoded(name: str, value: Any, linesep: str) -> str | None:
    """The value in encoded words; None if it is ASCII, or has parameters, which state their own charset."""
    text = str(value)
    if name.lower() in WHOLE and text.isascii():
        return text
    if text.isascii() or hasattr(value, "params"):
        return None
    if not hasattr(value, "addresses"):
        return _words(text, linesep, len(name) + 2)
    people = []
    for one in value.addresses:
        shown = one.display_name
        people.append(
            str(one) if shown.isascii() else f"{_words(shown, linesep, len(name) + 2)}{linesep} <{one.addr_spec}>"
        )
    return f",{linesep} ".join(people)


def _words(text: str, linesep: str, before: int) -> str:
    """Encoded words, never cut inside a character; `before`: characters before the first."""
    return Header(text, charset="utf-8", maxlinelen=LINE, header_name="x" * max(0, before - 2)).encode(linesep=linesep)


def message_id(mail: MailRow, sender: str) -> str:
    """Identical for every try of one mail, unique among mails and installations."""
    return f"<{mail.id}.{mail.created_at:%Y%m%d%H%M%S%f}@{sender.rpartition('@')[2]}>"
