"""The sealed column of groups: rows that wait. Loads no other part, so that a command reads it fast."""

from fairs.core import sealing

SEALED = "registration.group"
ROWS = sealing.Sealed("registration_group_run", "rows", SEALED)
