"""That somebody wants no morning mail."""

from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import Kind

KINDS = (
    Kind(
        "work_mails",
        N_("Your choice about the morning mail"),
        ("work_mail_off.account",),
        personal.reader("SELECT since FROM work_mail_off WHERE account = :account"),
        personal.deleter("DELETE FROM work_mail_off WHERE account = :account"),
    ),
)
