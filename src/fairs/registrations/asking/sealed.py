"""The sealed columns of answers and drafts. Loads no other part, so that a command reads it fast."""

from fairs.core import sealing

SEALED, TYPED = "registration.answers", "registration.draft"
ANSWERS = sealing.Sealed("registration_answers", "sealed", SEALED)
DRAFTS = sealing.Sealed("registration_draft", "typed", TYPED)
