"""Telephones of drivers and interpreters are sealed as those of registrations; contacts for emergencies under a key of their own."""

from fairs.core import crypto, sealing
from fairs.registrations.phones import PURPOSE

EMERGENCY = "tour_need.emergency"
DRIVERS = sealing.Sealed("tour_vehicle", "driver_phone", PURPOSE)
INTERPRETERS = sealing.Sealed("tour_interpreter", "phone", PURPOSE)
NEEDS = sealing.Sealed("tour_need", "emergency", EMERGENCY)


def seal_emergency(text: str) -> str:
    """The stored form."""
    return crypto.seal_text(text, EMERGENCY) if text else ""


def opened_emergency(stored: str) -> str:
    """The contact as typed."""
    return crypto.open_text(stored, EMERGENCY) if stored else ""
