"""Answers kept for repeated calls are sealed: they contain what was sent, such as phone numbers."""

from fairs.core import sealing

ANSWER = "stored_answer.body"

SEALED = sealing.Sealed("stored_answer", "body", ANSWER, read="nullif(body #>> '{}', 'null')", write="to_jsonb({})")
