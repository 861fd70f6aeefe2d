"""Links that make a phone a scanner: opened here, or at a relay by asking the server."""

from fairs.accounts import tokens
from fairs.checkin.relay import keeping
from fairs.checkin.relay.syncing import RELAY
from fairs.core.errors import NotFound


async def open_link(code: str) -> tuple[str, int]:
    """Name and event of the scanner that a link makes. Raises NotFound, and Conflict at a relay without a network."""
    relay = RELAY()
    if relay is None:
        link = await tokens.open_link(code)
        return link.name, link.event_id
    event = (await keeping.state()).event
    if event is None:
        raise NotFound
    return (await relay.link(code, use=False)).name, event


async def use_link(code: str) -> str:
    """The scanner's new token; the link is used up. Raises as `open_link` does."""
    relay = RELAY()
    return await tokens.use_device_link(code) if relay is None else (await relay.link(code, use=True)).token
