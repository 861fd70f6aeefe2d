"""What accounts no longer need to keep."""

from datetime import timedelta

from fairs.core import retention
from fairs.core.i18n import N_

_ENDED = N_("their end")
_DAY = timedelta(days=1)
RULES = (
    retention.rows(N_("sessions that have expired"), _ENDED, "sign_in_session", "expires_at < :before"),
    retention.rows(N_("sign-in links that have expired"), _ENDED, "sign_in_link", "expires_at < :before", after=_DAY),
    retention.rows(
        N_("invitations that are over"),
        N_("the end of their link"),
        "invitation",
        "NOT EXISTS (SELECT 1 FROM invitation_link l WHERE l.invitation = invitation.id AND l.expires_at >= :before)",
        after=30 * _DAY,
    ),
    retention.rows(N_("sign-ins without the second step"), _ENDED, "half_sign_in", "expires_at < :before"),
    retention.rows(N_("requests to passkeys"), _ENDED, "passkey_challenge", "expires_at < :before"),
    retention.rows(N_("forms kept over a sign-in"), _ENDED, "kept_form", "expires_at < :before"),
    retention.rows(N_("counts of attempts"), _ENDED, "rate_limit", "ends_at < :before", after=_DAY),
    retention.rows(
        N_("answers kept for repeated calls"),
        N_("the call"),
        "stored_answer",
        "created_at < :before",
        after=2 * _DAY,
    ),
)
