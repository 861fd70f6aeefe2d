"""Mail waits until the receiver has shown that the address is theirs.

Anybody can type anybody's address. To an address that nobody has proved goes a fixed text only: no name, no sentence and
no file that somebody typed or sent. Everything else is `held`, and a link is mailed by which the owner proves the address.
Who has proved what is known by a higher slice, which registers here.
"""

from collections.abc import Collection
from typing import Any, Protocol

from fairs.core.services import Service

# Kinds whose templates are a fixed text with a link. To an unproved address they are written without any other variable.
FIXED = frozenset(
    {"confirm_address", "sign_in_link", "reset_password", "change_address", "organisation_invitation", "signing_code"}
)
PLAIN = frozenset({"link", "minutes", "days", "code", "number"})


class Rule(Protocol):
    """What the slice that keeps accounts tells this one."""

    async def unproved(self, addresses: Collection[str]) -> set[str]:
        """Those of the addresses (in lower case) that nobody has proved."""

    async def ask(self, address: str, lang: str) -> None:
        """Mail the link by which the owner proves the address; once in a while only."""


RULE: Service[Rule | None] = Service(lambda: None)
"""Who knows which addresses are proved."""


async def unproved(addresses: Collection[str]) -> set[str]:
    """Those of the addresses, in lower case, that nobody has proved; all of them when nobody knows."""
    given = {address.strip().lower() for address in addresses}
    rule = RULE()
    return await rule.unproved(given) if rule else given


async def request_proof(address: str, lang: str) -> None:
    """Have the owner of an address asked to prove it."""
    rule = RULE()
    if rule:
        await rule.ask(address.strip().lower(), lang)


def plain(variables: dict[str, Any]) -> dict[str, Any]:
    """What a fixed text may say to an address that nobody has proved."""
    return {name: value if name in PLAIN else "" for name, value in variables.items()}
