"""What statements about suggestions return."""

from fairs.core.rows import Row


class Shown(Row, frozen=True):
    """What a page says of the other side: what oneself has said of it, whether it wants to meet, whether a meeting is booked."""

    id: int
    own_level: str | None
    wanted: bool
    booked: bool


class ShownListing(Shown, frozen=True):
    """A listing, to a person."""

    kind: str
    title_zh: str
    title_en: str
    city: str
    engagement: list[str]
    headcount: int
    urgent: bool
    pay_min: int | None
    pay_max: int | None
    organisation_zh: str
    organisation_en: str


class ShownTalent(Shown, frozen=True):
    """A person, to an employer. `named`: the name may be shown; `coming`: registered for the listing's event."""

    name_passport: str
    name_native: str
    nationality: str
    residence_country: str
    degree: str
    institution: str
    discipline: str
    headline: str
    named: bool
    coming: bool
