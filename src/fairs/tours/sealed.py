"""Telephone numbers of people on a tour are sealed as those of registrations, which they become."""

from fairs.core import sealing
from fairs.registrations.phones import PURPOSE

SEALED = sealing.Sealed("tour_member", "phone", PURPOSE)
