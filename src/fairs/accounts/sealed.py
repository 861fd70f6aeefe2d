"""Answers kept for repeated calls are sealed: they repeat what was sent, phones among it."""

from fairs.core import sealing

ANSWER = "stored_answer.body"

SEALED = sealing.Sealed("stored_answer", "body", ANSWER, read="nullif(body #>> '{}', 'null')", write="to_jsonb({})")
