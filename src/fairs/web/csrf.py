"""Proof that a form was ours: a signed token in a cookie and again in the form or in a header."""

from litestar.config.csrf import CSRFConfig
from litestar.middleware import DefineMiddleware
from litestar.middleware.csrf import CSRFMiddleware


class CsrfMiddleware(CSRFMiddleware):
    """Litestar's, which breaks on tokens that are files or not ASCII: those match nothing."""

    def _csrf_tokens_match(self, request_csrf_token: object, cookie_csrf_token: object) -> bool:
        given = (request_csrf_token, cookie_csrf_token)
        if not all(isinstance(token, str) and token.isascii() for token in given):
            return False
        return super()._csrf_tokens_match(*given)  # type: ignore[arg-type]


def protection(secret: str, *, secure: bool) -> DefineMiddleware:
    """For the application's list of middleware. Routes with `csrf_exempt` in their `opt` read no cookie."""
    config = CSRFConfig(secret=secret, cookie_httponly=True, cookie_secure=secure, exclude_from_csrf_key="csrf_exempt")
    return DefineMiddleware(CsrfMiddleware, config=config)
