"""What the set-up of this installation lacks, in the words of those who run a fair; `fairs doctor` says it to administrators."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from fairs.core.i18n import N_
from fairs.core.services import SETTINGS
from fairs.settings import Settings

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Gap:
    """Something basic that is missing: what it means for people, and the setting that mends it."""

    key: str
    text: object
    setting: str


MAIL = Gap("mail", N_("No mail server is set: mails stay in the outbox, nobody receives them."), "FAIRS_SMTP_URL")
ADDRESS = Gap(
    "address",
    N_("The address of this installation is this machine only: links and QR codes do not open on any phone."),
    "FAIRS_BASE_URL",
)
CAMERA = Gap(
    "camera", N_("The address is not HTTPS: phones do not give the camera to the scanner page."), "FAIRS_BASE_URL"
)


def gaps(settings: Settings) -> list[Gap]:
    """What is missing, the worst first."""
    address = urlsplit(settings.base_url)
    found = [] if settings.smtp_url else [MAIL]
    if address.hostname in LOOPBACK:
        return [*found, ADDRESS]
    return found if address.scheme == "https" else [*found, CAMERA]


def setup_gaps(*keys: str) -> list[Gap]:
    """For templates: those of the current application among `keys`; all without any."""
    return [gap for gap in gaps(SETTINGS()) if not keys or gap.key in keys]
