"""The application's one clock. A rehearsal may shift it so that "today" is a day of the fair; it keeps ticking from there.

The demo's clock can also be moved while it runs (`fairs.upkeep.moving`): that is a second shift, the same in every process.
"""

from datetime import UTC, datetime, timedelta

from fairs.core.services import Service

_shift = Service(timedelta)
_moved = Service(timedelta)


def now() -> datetime:
    """The current time, with time zone UTC."""
    return datetime.now(UTC) + _shift() + _moved()


def start_from(moment: str) -> None:
    """Shift the clock so that it is now `moment` (ISO 8601; UTC if it has no zone). Empty: the real time."""
    if not moment:
        _shift.set(timedelta(0))
        return
    parsed = datetime.fromisoformat(moment)
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    _shift.set(parsed - datetime.now(UTC))


def moved() -> timedelta:
    """By how much the clock was moved while running."""
    return _moved()


def move_by(offset: timedelta) -> None:
    """Move the clock by `offset` from where it started; a later move replaces an earlier one."""
    _moved.set(offset)
