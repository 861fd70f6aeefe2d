"""The sealed columns of answers and drafts."""

from fairs.core import sealing
from fairs.registrations.asking.queries import SEALED, TYPED

ANSWERS = sealing.Sealed("registration_answers", "sealed", SEALED)
DRAFTS = sealing.Sealed("registration_draft", "typed", TYPED)
