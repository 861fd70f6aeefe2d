"""What people see of the places before they choose: beside each category, and at sessions that share a pool."""

from collections.abc import Sequence

import msgspec

from fairs.core.fields import Choice
from fairs.core.i18n import N_, ngettext
from fairs.registrations.pools.ledger import Ledger
from fairs.registrations.rows import SessionChoice

FEW = 50  # places: fewer are named
WAITING = N_("waiting list")
NONE_LEFT = N_("no place is left")


def places_of(ledger: Ledger, category: str) -> str:
    """What is left in a category, as a short remark; empty when there is enough."""
    wanted = ledger.wanted(category, ())
    full = ledger.full(wanted)
    if full:
        return str(WAITING if ledger.keeps_waiting(full) else NONE_LEFT)
    free = min((ledger.free[limit] for limit in wanted), default=FEW + 1)
    return ngettext("%(num)s place is left", "%(num)s places are left", free) if free <= FEW else ""


def with_places(ledger: Ledger, choices: Sequence[Choice]) -> list[Choice]:
    """Categories with what is left in them, when the event has pools."""
    if not ledger.pools:
        return list(choices)
    noted = [(key, label, words, places_of(ledger, key)) for key, label, words in choices]
    return [(key, f"{label} · {note}" if note else label, words) for key, label, words, note in noted]


def with_pools(ledger: Ledger, sessions: Sequence[SessionChoice]) -> list[SessionChoice]:
    """Sessions of a full pool: closed, or with the remark that who chooses them waits."""
    found = []
    for session in sessions:
        pools = [pool for pool in ledger.pools if session.id in pool.sessions]
        full = [] if session.held else ledger.full([pool.id for pool in pools])
        waits = bool(full) and ledger.keeps_waiting(full)
        found.append(msgspec.structs.replace(session, full=session.full or (bool(full) and not waits), waits=waits))
    return found
