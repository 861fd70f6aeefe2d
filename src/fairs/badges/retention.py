"""Files of printed badges and their log go some time after the fair."""

from fairs.core import retention
from fairs.core.i18n import N_

_OVER = "IN (SELECT id FROM event WHERE ends_at < :before)"
RULES = (
    retention.rows(
        N_("files of printed badges"),
        N_("the end of the fair"),
        "badge_batch",
        f"file IS NOT NULL AND event {_OVER}",
        change="file = NULL",
        key="badges",
    ),
    retention.rows(
        N_("the log of printed badges"),
        N_("the end of the fair"),
        "badge_print",
        f"badge IN (SELECT b.id FROM badge b JOIN registration r ON r.id = b.registration WHERE r.event {_OVER})",  # noqa: S608 - a constant above
        key="badges",
    ),
    retention.rows(
        N_("badges sent to printers"),
        N_("the end of the fair"),
        "print_job",
        f"printer IN (SELECT id FROM desk_printer WHERE event {_OVER})",  # noqa: S608 - a constant above
        key="badges",
    ),
)
