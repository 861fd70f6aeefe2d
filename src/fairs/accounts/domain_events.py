"""Events that accounts publish for the slices above."""

from dataclasses import dataclass

from fairs.accounts.actor import Actor


@dataclass(frozen=True, slots=True)
class AddressProved:
    """The address of an account is proved to be its owner's. May be published more than once per account."""

    account_id: int


@dataclass(frozen=True, slots=True)
class AddressChanged:
    """The account before the change, and its new, proved address."""

    actor: Actor
    address: str


@dataclass(frozen=True, slots=True)
class AccountClosing:
    """An account is being closed; its rows still exist."""

    actor: Actor
