"""Input of the profile."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, ClassVar

from fairs.core import clock
from fairs.core.forms import Choice, Field, Form
from fairs.core.i18n import N_, current_lang
from fairs.core.names import address_problem
from fairs.talents import consents, rules
from fairs.talents.rows import TalentRow
from fairs.talents.tables import Visibility
from fairs.units import catalogues

OUTBOUND = "training_abroad"  # leaves the province, so not offered


def _of(kind: str, *, without: str = "") -> Callable[[], Sequence[Choice]]:
    return lambda: [choice for choice in catalogues.choices(kind, current_lang()) if choice[0] != without]


def _abroad() -> Sequence[Choice]:
    return [choice for choice in catalogues.choices("countries", current_lang()) if choice[0] not in rules.HOME]


def _levels() -> Sequence[Choice]:
    return [(level, str(text), "") for level, text in consents.current().levels.items()]


def _refuse_past(day: date) -> object | None:
    past = day < clock.now().date()
    return N_("This day has passed. Leave it empty if you are free at once.") if past else None


def _refuse_year(year: int) -> object | None:
    last = clock.now().year + 8
    return None if 1940 <= year <= last else N_("Give a year between 1940 and %(last)s", last=last)


class ProfileForm(Form):
    """`POST /me/profile`. Only the name is required: the rest may follow later, in any order."""

    APART: ClassVar[frozenset[str]] = frozenset({"consent"})

    name_passport: Annotated[
        str,
        Field(
            N_("Name as in your passport"),
            help=N_("For example: Maria Fernandez"),
            max_length=120,
            rule=address_problem,
            attrs={"autocomplete": "name"},
        ),
    ]
    name_native: Annotated[
        str,
        Field(
            N_("Name in your own script"),
            help=N_("For example: Мария Фернандес"),
            max_length=120,
            rule=address_problem,
        ),
    ] = ""
    nationality: Annotated[
        str, Field(N_("Nationality or region"), widget="search-select", choices=_of("countries"))
    ] = ""
    residence_country: Annotated[
        str, Field(N_("Where you live now"), widget="search-select", choices=_of("countries"))
    ] = ""
    phone: Annotated[
        str,
        Field(
            N_("Phone"),
            help=N_(
                "With the country code. Employers see it only when both sides are interested or a meeting is arranged."
            ),
            max_length=40,
            attrs={"autocomplete": "tel", "inputmode": "tel"},
            store=rules.stored_phone,
            rule=rules.refuse_phone,
        ),
    ] = ""
    degree: Annotated[str, Field(N_("Highest degree"), widget="select", choices=_of("degrees"))] = ""
    discipline: Annotated[
        str,
        Field(
            N_("Field of study or research"),
            help=N_("Type in English, Chinese or pinyin, for example computer or jisuanji"),
            widget="search-select",
            choices=_of("disciplines"),
        ),
    ] = ""
    institution: Annotated[str, Field(N_("University or institute that gave the degree"), rule=address_problem)] = ""
    grad_year: Annotated[int | None, Field(N_("Year of the degree"), widget="number", rule=_refuse_year)] = None
    current_employer: Annotated[
        str, Field(N_("Where you work now"), rule=address_problem, attrs={"autocomplete": "organization"})
    ] = ""
    headline: Annotated[
        str,
        Field(
            N_("One line about you"),
            help=N_("For example: Wheat geneticist looking for field trials"),
        ),
    ] = ""
    summary: Annotated[
        str,
        Field(
            N_("What you work on"),
            help=N_("A few sentences in English or Chinese. Employers read them, and suggestions are based on them."),
            widget="textarea",
            attrs={"rows": "8"},
        ),
    ] = ""
    skills: Annotated[
        str,
        Field(
            N_("Skills and methods"),
            help=N_("Separated by commas, in either language"),
            max_length=1500,
            rule=rules.refuse_skills,
        ),
    ] = ""
    languages: Annotated[
        list[str], Field(N_("Languages you work in"), widget="multiselect", choices=_of("languages"))
    ] = []
    engagement: Annotated[
        list[str],
        Field(
            N_("How you want to work together"),
            widget="multiselect",
            choices=_of("engagement_types", without=OUTBOUND),
        ),
    ] = []
    cities: Annotated[
        list[str],
        Field(
            N_("Cities you would go to"),
            help=N_("Your first choices. Choose none if any city is fine."),
            widget="multiselect",
            choices=_of("cities"),
        ),
    ] = []
    available_from: Annotated[
        date | None,
        Field(N_("Available from"), help=N_("Empty: at once."), widget="date", rule=_refuse_past),
    ] = None
    pay_min: Annotated[
        int | None,
        Field(
            N_("Lowest pay you would accept, in 10,000 CNY a year"),
            help=N_("Before tax. Listings that pay less are marked in your suggestions."),
            widget="number",
            ge=0,
            le=10_000,
        ),
    ] = None
    has_project: Annotated[bool, Field(N_("I bring my own project or technology"), widget="checkbox")] = False
    abroad_country: Annotated[
        str,
        Field(
            N_("Where you studied abroad"),
            help=N_("Only for the count of those who return with an education from abroad. Empty: nowhere."),
            widget="search-select",
            choices=_abroad,
        ),
    ] = ""
    abroad_from: Annotated[date | None, Field(N_("Studied there from"), widget="date")] = None
    abroad_to: Annotated[
        date | None, Field(N_("Studied there until"), help=N_("Empty: still there."), widget="date")
    ] = None
    abroad_degree: Annotated[
        str,
        Field(
            N_("Degree from there"), help=N_("Empty: a stay without a degree."), widget="select", choices=_of("degrees")
        ),
    ] = ""
    visibility: Annotated[str, Field(N_("Who may see your profile"), widget="radio", choices=_levels)] = (
        Visibility.PRIVATE.value
    )
    consent: Annotated[bool, Field(N_("I have read the notice above and agree to it"), widget="checkbox")] = False

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """Studies abroad have a country, and end after they began."""
        first, last = values.get("abroad_from"), values.get("abroad_to")
        if first and last and last < first:
            return {"abroad_to": N_("Not before the day on which they began")}
        if (first or last or values.get("abroad_degree")) and not values.get("abroad_country", "-"):
            return {"abroad_country": N_("Choose the country")}
        return {}


class PhotoForm(Form):
    """The person's photo."""

    photo: Annotated[
        str,
        Field(
            N_("Photo of your face"),
            help=N_("Seen by you, and by staff at the gate when your badge is scanned. Employers do not see it."),
            max_length=700,
        ),
    ]


def stored_profile(talent: TalentRow) -> dict[str, Any]:
    """The form's values of an opened row. A past day of arrival means: available at once."""
    values = {name: getattr(talent, name) for name in ProfileForm.__struct_fields__ if name not in ProfileForm.APART}
    values["skills"] = ", ".join(talent.skills)
    values["consent"] = talent.consent_version == consents.current().version
    day = talent.available_from
    return {**values, "available_from": day if day and day >= clock.now().date() else None}


SECTIONS: tuple[tuple[str, object, tuple[str, ...]], ...] = (
    (
        "about",
        N_("Who you are"),
        ("name_passport", "name_native", "nationality", "residence_country", "phone"),
    ),
    ("degree", N_("Degree and field"), ("degree", "discipline", "institution", "grad_year")),
    ("abroad", N_("Studies abroad"), ("abroad_country", "abroad_from", "abroad_to", "abroad_degree")),
    ("work", N_("What you do"), ("current_employer", "headline", "summary", "skills", "languages")),
    (
        "wishes",
        N_("What you look for"),
        ("engagement", "cities", "available_from", "pay_min", "has_project"),
    ),
    ("visibility", N_("Who may see it"), ("visibility", "consent")),
)
