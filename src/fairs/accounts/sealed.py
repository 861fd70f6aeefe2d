"""Sealed: answers kept for repeated calls, which contain what was sent, and the secrets of authenticator apps."""

from fairs.core import sealing

ANSWER = "stored_answer.body"
SECOND = "two_factor.secret"

SEALED = sealing.Sealed("stored_answer", "body", ANSWER, read="nullif(body #>> '{}', 'null')", write="to_jsonb({})")
SECOND_SEALED = sealing.Sealed("two_factor", "secret", SECOND)
