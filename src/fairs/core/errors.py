"""Domain errors: raised by services with a readable sentence; the web layer answers with the matching HTTP status."""

from collections.abc import Mapping, Sequence
from typing import Any

from fairs.core.i18n import N_


class DomainError(Exception):
    """The request is refused. `message` may be a lazy translation; `code` is for programs."""

    status = 400
    code = "refused"

    def __init__(self, message: object, *, code: str | None = None, **extra: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.extra = extra


class NotFound(DomainError):
    """Not found, or not visible to this caller: the answer is the same for both. `message` is shown when given."""

    SILENT = "Not found"
    status = 404
    code = "not_found"

    def __init__(self, message: object = SILENT, **extra: Any) -> None:
        super().__init__(message, **extra)


class Forbidden(DomainError):
    """The caller's role does not allow this at all."""

    status = 403
    code = "forbidden"


class Conflict(DomainError):
    """The current state does not allow the request."""

    status = 409
    code = "conflict"


class TooLarge(DomainError):
    """The request exceeds a size limit."""

    status = 413
    code = "too_large"


class Invalid(DomainError):
    """Input that cannot be accepted; `fields` maps a field's name to its messages."""

    status = 422
    code = "invalid"

    def __init__(
        self,
        message: object = N_("Please check the marked fields"),
        *,
        fields: Mapping[str, Sequence[object]] | None = None,
    ) -> None:
        super().__init__(message)
        self.fields: dict[str, list[object]] = {name: list(found) for name, found in (fields or {}).items()}


class TooMany(DomainError):
    """Rate limit reached; `retry_after` in seconds. `challenge`: a proof of work that is taken instead of waiting."""

    status = 429
    code = "too_many"

    def __init__(self, message: object, *, retry_after: int, challenge: str = "") -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.challenge = challenge
