"""Domain events: what a lower slice tells the higher ones, or asks them, in its own transaction.

A slice publishes a frozen dataclass of its `domain_events.py`; which functions are called for it is one table in
`fairs.wiring`, set when the product is configured and not by importing a module. Handlers run in the order of the table, in the
publisher's transaction: when one fails, all is undone.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from fairs.core.services import NotWired, Service

Handler = Callable[[Any], Awaitable[object]]
Subscription = tuple[type, Handler]
_handlers: Service[dict[type, tuple[Handler, ...]] | None] = Service(lambda: None)


def install(subscriptions: Iterable[Subscription]) -> None:
    """Set who is called for which event, in this order, in place of what was set before."""
    found: dict[type, tuple[Handler, ...]] = {}
    for event, handler in subscriptions:
        found[event] = (*found.get(event, ()), handler)
    _handlers.set(found)


async def publish(event: object) -> None:
    """Call the handlers of an event, one after the other. Raises NotWired, and what a handler raises."""
    handlers = _handlers()
    if handlers is None:
        raise NotWired(f"{type(event).__name__}: call fairs.wiring.wire() first")
    for handler in handlers.get(type(event), ()):
        await handler(event)
