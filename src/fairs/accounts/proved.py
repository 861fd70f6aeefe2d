"""What higher slices do once an account has shown that its address is its own."""

from collections.abc import Awaitable, Callable

Hook = Callable[[int], Awaitable[object]]
ON_PROVED: list[Hook] = []  # run with the account's id, in the transaction of the proof


async def notify_proved(account_id: int) -> None:
    """The address of this account is proved; told again, nothing more happens."""
    for hook in ON_PROVED:
        await hook(account_id)
