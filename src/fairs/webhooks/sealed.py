"""The secrets with which deliveries are signed are sealed."""

from fairs.core import sealing

SECRET = "webhook.secret"

SEALED = sealing.Sealed("webhook", "secret_sealed", SECRET)
