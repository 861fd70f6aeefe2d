"""What mails no longer need to keep: codes soon after sending, contents after the catalogue's period."""

from fairs.core import retention
from fairs.core.i18n import N_
from fairs.notifications import masking

_ENDED = "state IN ('sent', 'kept', 'failed', 'bounced', 'aborted') AND created_at < :before"
_WRITTEN = N_("the day they were written")
RULES = (
    retention.rows(
        N_("links and codes of sent mails"),
        N_("the day they were sent"),
        "outgoing_mail",
        masking.SENT_BEFORE.format(":before"),
        change="sealed = '', unsubscribe = ''",
        after=masking.KEPT_AFTER_SENDING,
    ),
    retention.rows(
        N_("links and codes of mails not sent"),
        _WRITTEN,
        "outgoing_mail",
        masking.WAITED_SINCE.format(":before"),
        change="sealed = '', unsubscribe = ''",
        after=masking.KEPT_UNSENT,
    ),
    retention.rows(
        N_("attachments of mails"),
        _WRITTEN,
        "mail_attachment",
        f"mail IN (SELECT id FROM outgoing_mail WHERE {_ENDED})",  # noqa: S608 - a constant above
        key="mails",
    ),
    retention.rows(
        N_("contents of mails"),
        _WRITTEN,
        "outgoing_mail",
        f"{_ENDED} AND (body_text <> '' OR body_html <> '')",
        change="body_text = '', body_html = ''",
        key="mails",
    ),
)
