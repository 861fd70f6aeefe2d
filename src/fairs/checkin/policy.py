"""Choices and limits of corrections at gates, from the catalogue `gate_corrections`."""

from datetime import timedelta

from fairs.core import i18n
from fairs.core.forms import Choice
from fairs.units import catalogues

_FILE = "gate_corrections"
OTHER = "other"  # the choice that needs a note
REOPENED = "reopened"  # what stands in a row when a decision is undone


def _choices(part: str) -> list[Choice]:
    return [(row["key"], i18n.pick(row["zh"], row["en"]), "") for row in catalogues.raw(_FILE)[part]]


def verdicts() -> list[Choice]:
    """What can be decided about a conflict."""
    return _choices("verdicts")


def undo_reasons() -> list[Choice]:
    """Why a scan is undone."""
    return _choices("undo_reasons")


def admission_reasons() -> list[Choice]:
    """Why a supervisor admits somebody whom the gate refuses."""
    return _choices("admission_reasons")


def undo_life() -> timedelta:
    """How long after a scan arrived its device may undo it; who runs the event may do so as long as the scan is kept."""
    return timedelta(minutes=int(catalogues.raw(_FILE)["undo_minutes"]))


def silent_after() -> timedelta:
    """A scanner without a report for so long is marked: it reports each minute."""
    return timedelta(seconds=int(catalogues.raw(_FILE)["silent_seconds"]))


def low_battery() -> int:
    """The per cent of a battery from which on it is marked, unless it is charging."""
    return int(catalogues.raw(_FILE)["low_battery"])


def word(choices: list[Choice], key: str) -> str:
    """The words of a choice; an unknown key says itself."""
    return next((label for value, label, _ in choices if value == key), key)
