"""Words for stored codes, and a profile as rows for a page."""

from collections.abc import Iterable
from typing import Any

from fairs.core.i18n import N_, current_lang, format_day, format_number, gettext
from fairs.talents.rows import TalentRow
from fairs.talents.tables import Visibility
from fairs.units import catalogues

VISIBILITIES: dict[str, object] = {
    Visibility.PRIVATE: N_("Only me"),
    Visibility.MATCHED: N_("After a match"),
    Visibility.EMPLOYERS: N_("Every approved employer"),
}


def word(kind: str, value: str) -> str:
    """The catalogue's word for a code in the viewer's language; empty for empty."""
    return catalogues.label(kind, value, current_lang()) if value else ""


def words(kind: str, values: Iterable[str]) -> str:
    """The catalogue's words for several codes, joined as a list in the viewer's language."""
    joint = "、" if current_lang() == "zh" else ", "
    return joint.join(word(kind, value) for value in values)


def background(talent: TalentRow) -> list[dict[str, Any]]:
    """Facts about the person."""
    graduated = [talent.institution, str(talent.grad_year or "")]
    return _filled(
        (N_("Nationality or region"), word("countries", talent.nationality)),
        (N_("Lives in"), word("countries", talent.residence_country)),
        (N_("Highest degree"), word("degrees", talent.degree)),
        (N_("Degree from"), " · ".join(part for part in graduated if part)),
        (N_("Field"), word("disciplines", talent.discipline)),
        (N_("Works at"), talent.current_employer),
        (N_("Languages"), words("languages", talent.languages)),
    )


def wishes(talent: TalentRow) -> list[dict[str, Any]]:
    """The person's wishes, as facts."""
    figure = (talent.pay_min or 0) * (1 if current_lang() == "zh" else 10_000)  # stored in 10,000 CNY
    pay = gettext("from %(figure)s CNY a year", figure=format_number(figure)) if figure else ""
    start = format_day(talent.available_from) if talent.available_from else gettext("at once")
    return _filled(
        (N_("Ways of working together"), words("engagement_types", talent.engagement)),
        (N_("Cities"), words("cities", talent.cities) or gettext("any city")),
        (N_("Available from"), start),
        (N_("Pay"), pay),
        (N_("Brings a project"), gettext("yes, their own project or technology") if talent.has_project else ""),
    )


def _filled(*rows: tuple[object, str]) -> list[dict[str, Any]]:
    return [{"label": str(label), "value": value} for label, value in rows if value]
