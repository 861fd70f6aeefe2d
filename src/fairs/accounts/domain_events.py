"""What accounts tell the slices above them."""

from dataclasses import dataclass

from fairs.accounts.actor import Actor


@dataclass(frozen=True, slots=True)
class AddressProved:
    """The address of an account is proved to be its owner's. May be published again for the same account."""

    account_id: int


@dataclass(frozen=True, slots=True)
class AddressChanged:
    """The account as it was, and its new address, which is proved."""

    actor: Actor
    address: str


@dataclass(frozen=True, slots=True)
class AccountClosing:
    """An account ends; it is still there."""

    actor: Actor
