"""What the public privacy page says: from the settings, the texts of consents and the catalogue of retention."""

from dataclasses import dataclass

from fairs.core.i18n import N_, pick
from fairs.core.services import SETTINGS
from fairs.privacy import consents
from fairs.units import catalogues
from fairs.units.entries import Retention
from fairs.upkeep import periods

PROVINCE = "410000"
RECIPIENTS: tuple[object, ...] = (
    N_("The organiser of the fair and the human-resources bureaus of its cities and counties."),
    N_("Approved employers: your profile as far as you chose; your contact data only when both sides want to meet."),
    N_("Employers whose booth you visit: what you agreed to when your badge was scanned."),
    N_("Staff at the gates: your name and photo when your badge is scanned."),
    N_("Systems that the organiser connects are told that something happened, by numbers without names."),
)
RIGHTS: tuple[tuple[object, str], ...] = (
    (N_("See all that is held about you, and take it along"), "my_data"),
    (N_("Correct it"), "account"),
    (N_("Give and withdraw each consent"), "my_consents"),
    (N_("Have everything deleted"), "forget_me"),
)


@dataclass(frozen=True)
class Kept:
    """A kind of data and how long it is kept here."""

    rule: Retention
    days: int

    @property
    def words(self) -> str:
        """The catalogue's sentence."""
        return pick(self.rule.zh, self.rule.en)

    @property
    def shortened(self) -> bool:
        """Whether an administrator has shortened the period."""
        return self.days < self.rule.days


def controller() -> str:
    """Who is responsible."""
    found = SETTINGS()
    unit = next(one for one in catalogues.units() if one.code == PROVINCE)
    return pick(found.controller_zh or unit.name_zh, found.controller_en or unit.name_en)


def contact() -> str:
    """Where to ask."""
    found = SETTINGS()
    return found.controller_contact or found.mail_from


async def kept() -> list[Kept]:
    """All periods in force."""
    now = await periods.in_force()
    return [Kept(rule, now[rule.key]) for rule in catalogues.retention()]


def purposes() -> list[consents.Consent]:
    """What data is used for: the consents that are asked."""
    return list(consents.texts().values())
