"""How a mail's headers are written: one charset in each, and a Message-ID that tells a second try from a second mail.

Python's own policy encodes the plain words of a header as US-ASCII and the others as UTF-8; some programs show only a part.
"""

from email.header import Header
from email.policy import EmailPolicy
from typing import Any

from fairs.notifications.rows import MailRow

LINE = 76  # characters of a folded line, as RFC 2047 asks


class OneCharset(EmailPolicy):
    """As `email.policy.SMTP`, but a header that is not ASCII is UTF-8 from its first word to its last."""

    def fold(self, name: str, value: Any) -> str:
        """The header's lines with their ends."""
        words = _encoded(name, value, self.linesep)
        return super().fold(name, value) if words is None else f"{name}: {words}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The same as bytes."""
        words = _encoded(name, value, self.linesep)
        return super().fold_binary(name, value) if words is None else f"{name}: {words}{self.linesep}".encode("ascii")


POLICY = OneCharset(linesep="\r\n")


def _encoded(name: str, value: Any, linesep: str) -> str | None:
    """The value in encoded words; None for what is ASCII, or has parameters, which say their charset themselves."""
    text = str(value)
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
    """Encoded words, none of them cut inside a character; `before`: characters before the first."""
    return Header(text, charset="utf-8", maxlinelen=LINE, header_name="x" * max(0, before - 2)).encode(linesep=linesep)


def message_id(mail: MailRow, sender: str) -> str:
    """The same for every try of the same mail, and for no other mail, also of another installation."""
    return f"<{mail.id}.{mail.created_at:%Y%m%d%H%M%S%f}@{sender.rpartition('@')[2]}>"
