"""Typed names of people and organisations: a name must not contain an address.

A name is printed into mails. An address in it would make our mail carry a stranger's advertisement, so it is refused,
also when it uses full-width signs or other dots, or hides invisible characters.
"""

import re
import unicodedata

from fairs.core.i18n import N_

ADDRESS_IN_NAME = N_("A name cannot contain a web or e-mail address. Leave a space after a full stop.")

_DOTS = str.maketrans(dict.fromkeys("。．｡․﹒ꓸ", "."))  # what browsers and mail programs read as a dot, and look-alikes
_SIGNS = str.maketrans({"＠": "@", "﹫": "@", "／": "/", "∕": "/", "⁄": "/", "：": ":", "﹕": ":", "∶": ":"})
_ADDRESS = re.compile(
    r"""
      [a-z][a-z0-9+.-]* : /{1,2}                # https://
    | \b (?: mailto | tel | javascript | data ) :
    | \S \s? @ \s? \S                           # an e-mail address, or a handle with something before it
    | \b www \d? \.
    | [^\W_] [\w-]+ \. [^\W\d_]{2,} (?! \w )    # example.org, 例子.中国
    | \b [^\W\d_] \. (?: com | net | org | info | biz | app | dev | xyz | top | [a-z]{2} ) \b   # t.co
    | \b \d [^\W_]* \. [a-z]{2,} \b                # 1.example, 163.com
    | \b \d{1,3} (?: \. \d{1,3} ){3} \b         # 192.0.2.1
    """,
    re.VERBOSE | re.IGNORECASE,
)


def address_problem(name: str) -> object | None:
    """An error sentence when a name contains an address, else None."""
    shown = "".join(sign for sign in name if unicodedata.category(sign) != "Cf")
    plain = unicodedata.normalize("NFKC", shown.translate(_DOTS).translate(_SIGNS)).translate(_DOTS)
    return ADDRESS_IN_NAME if _ADDRESS.search(plain) else None
