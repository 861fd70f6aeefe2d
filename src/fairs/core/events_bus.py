"""Domain events: a lower slice notifies the higher ones, or asks them, in its own transaction.

A slice publishes a frozen dataclass of its `domain_events.py`; one table in `fairs.wiring` lists the functions called for it,
set when the product is configured and not by importing a module. Handlers run in the order of the table, in the
publisher's transaction: when one fails, everything is rolled back.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from fairs.core.services import NotWired, Service

Handler = Callable[[Any], Awaitable[object]]
Subscription = tuple[type, Handler]
_handlers: Service[dict[type, tuple[Handler, ...]] | None] = Service(lambda: None)


def install(subscriptions: Iterable[Subscription]) -> None:
    """Set the handlers of each event, in this order, replacing earlier ones."""
    handlers: dict[type, tuple[Handler, ...]] = {}
    for event, handler in subscriptions:
        handlers[event] = (*handlers.get(event, ()), handler)
    _handlers.set(handlers)


async def publish(event: object) -> None:
    """Call the handlers of an event, one after the other. Raises NotWired, and any exception of a handler."""
    handlers = _handlers()
    if handlers is None:
        raise NotWired(f"{type(event).__name__}: call fairs.wiring.wire() first")
    for handler in handlers.get(type(event), ()):
        await handler(event)
