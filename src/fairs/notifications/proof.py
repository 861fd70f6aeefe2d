"""Mail waits until the receiver has proved the address.

Any person can type any address. An unproved address receives a fixed text only: no name, no sentence and no file that
a user typed or sent. All other mail is `held`, and a link is mailed by which the owner proves the address.
A higher slice knows which addresses are proved and registers here.
"""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from fairs.core.services import Service

# Kinds whose templates are a fixed text with a link. For an unproved address they get no other variable.
FIXED = frozenset({"confirm_address", "sign_in_link", "reset_password", "change_address", "invitation", "signing_code"})
PLAIN = frozenset({"link", "minutes", "days", "code", "number"})


class Rule(Protocol):
    """What the slice of accounts answers to this one."""

    async def unproved(self, addresses: Collection[str]) -> set[str]:
        """Those of the addresses (in lower case) that are not proved."""

    async def ask(self, langs: Mapping[str, str]) -> None:
        """Mail the link by which the owner proves the address to each of them (address → language); at most once per period."""


RULE: Service[Rule | None] = Service(lambda: None)
"""The rule that knows which addresses are proved."""


async def unproved(addresses: Collection[str]) -> set[str]:
    """Those of the addresses, in lower case, that are not proved; all of them without a rule."""
    given = {address.strip().lower() for address in addresses}
    rule = RULE()
    return await rule.unproved(given) if rule else given


async def request_proofs(langs: Mapping[str, str]) -> None:
    """Ask the owners of these addresses (address → language) to prove them."""
    rule = RULE()
    if rule and langs:
        await rule.ask({address.strip().lower(): lang for address, lang in langs.items()})


def plain(variables: dict[str, Any]) -> dict[str, Any]:
    """The variables that a fixed text for an unproved address may use."""
    return {name: value if name in PLAIN else "" for name, value in variables.items()}
