"""The private halves of badge keys are sealed."""

from fairs.core import sealing

PURPOSE = "badge-key"

SEALED = sealing.Sealed("badge_key", "private_key_sealed", PURPOSE, binary=True)
