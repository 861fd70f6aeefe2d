"""Input of a listing: people and projects differ in words and required fields."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, ClassVar

from fairs.core import clock
from fairs.core.forms import NO, YES, Choice, Field, Form
from fairs.core.i18n import N_, current_lang, gettext
from fairs.listings import compliance
from fairs.listings.tables import ListingKind, UrgentAnswer
from fairs.units import catalogues

OUTBOUND = "training_abroad"  # leaves the province: no listing offers it
MAX_PAY = 100_000  # 10,000 CNY: a project's budget may be large


def _of(kind: str, *, without: str = "") -> Callable[[], Sequence[Choice]]:
    return lambda: [choice for choice in catalogues.choices(kind, current_lang()) if choice[0] != without]


def _degrees() -> Sequence[Choice]:
    """Degree choices; no degree means that none is required."""
    asked = catalogues.choices("degrees", current_lang())
    return [
        (key, gettext("no degree required") if key == catalogues.NO_DEGREE else label, text)
        for key, label, text in asked
    ]


def _sponsoring() -> Sequence[Choice]:
    """Work permit choices: the employer applies for a foreigner's permit, does not, or has not stated it."""
    said = (("", gettext("Not stated")), (YES, gettext("We apply for it")), (NO, gettext("We do not apply for it")))
    return [(key, label, "") for key, label in said]


def _refuse_past(day: date) -> object | None:
    return N_("This day is past") if day < clock.now().date() else None


def _title(label: object, help: object = "") -> Field:
    return Field(label, help=help, max_length=200, rule=compliance.refuse)


def _text(label: object, help: object = "", rows: str = "8") -> Field:
    return Field(label, help=help, widget="textarea", attrs={"rows": rows}, rule=compliance.refuse)


class ListingForm(Form, kw_only=True):
    """Fields of both kinds. Pay in 10,000 CNY a year, for a project its total budget."""

    KIND: ClassVar[ListingKind] = ListingKind.PEOPLE

    title_zh: Annotated[
        str, _title(N_("Title in Chinese"), N_("For example: researcher in artificial intelligence for medical images"))
    ]
    description_zh: Annotated[
        str,
        _text(
            N_("Description in Chinese"),
            N_("What the work is about, its resources, what you expect. Suggestions are based on this text."),
        ),
    ]
    discipline: Annotated[
        str,
        Field(
            N_("Field"),
            help=N_("Type in English, Chinese or pinyin, for example computer or jisuanji"),
            widget="search-select",
            choices=_of("disciplines"),
        ),
    ]
    engagement: Annotated[
        list[str],
        Field(N_("Ways of working together"), widget="multiselect", choices=_of("engagement_types", without=OUTBOUND)),
    ]
    city: Annotated[str, Field(N_("City"), widget="search-select", choices=_of("cities"))]
    title_en: Annotated[
        str, _title(N_("Title in English"), N_("Candidates abroad read this first. Without it they see the Chinese."))
    ] = ""
    description_en: Annotated[str, _text(N_("Description in English"))] = ""
    degree: Annotated[str, Field(N_("Lowest degree"), widget="select", choices=_degrees)] = catalogues.NO_DEGREE
    languages: Annotated[
        list[str],
        Field(
            N_("Languages needed"),
            help=N_("Only what the work really requires."),
            widget="multiselect",
            choices=_of("languages"),
        ),
    ] = []
    headcount: Annotated[int, Field(N_("Heads wanted"), widget="number", ge=1, le=999)] = 1
    pay_min: Annotated[int | None, Field(N_("Pay from"), widget="number", ge=0, le=MAX_PAY)] = None
    pay_max: Annotated[int | None, Field(N_("Pay up to"), widget="number", ge=0, le=MAX_PAY)] = None
    sponsors_permit: Annotated[
        bool | None,
        Field(
            N_("Work permit for foreigners"),
            help=N_(
                "Whether you apply for the permit of a foreign employee; Chinese citizens, including those of Hong Kong,"
                " Macao and Taiwan, need none."
            ),
            widget="select",
            choices=_sponsoring,
        ),
    ] = None
    start_by: Annotated[date | None, Field(N_("Start by"), widget="date", rule=_refuse_past)] = None
    valid_to: Annotated[
        date | None,
        Field(
            N_("Open until"),
            help=N_("The last day on which it is shown. Empty: until you close it."),
            widget="date",
            rule=_refuse_past,
        ),
    ] = None
    urgent_asked: Annotated[
        bool,
        Field(
            N_("Ask the province to mark it as urgent and scarce"),
            help=N_("The province decides, and tells you its reason here."),
            widget="checkbox",
        ),
    ] = False
    urgent_reason: Annotated[
        str,
        Field(
            N_("Why it is urgent"),
            help=N_("One sentence; it is shown with the listing once the province has agreed."),
            max_length=300,
            rule=compliance.refuse,
        ),
    ] = ""

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """Check the range of pay and the reason of urgency."""
        errors: dict[str, object] = {}
        low, high = values.get("pay_min"), values.get("pay_max")
        if low is not None and high is not None and high < low:
            errors["pay_max"] = N_("Not below the lower figure, %(low)s", low=low)
        if values.get("urgent_asked") and not values.get("urgent_reason", "-"):
            errors["urgent_reason"] = N_("Say in a sentence why it is urgent")
        return errors


class PeopleForm(ListingForm, kw_only=True):
    """人才岗位: posts for people."""

    degree: Annotated[str, Field(N_("Lowest degree"), widget="select", choices=_degrees)]
    headcount: Annotated[int, Field(N_("Heads wanted"), widget="number", ge=1, le=999)]


class ProjectForm(ListingForm, kw_only=True):
    """项目: a problem for which a partner with a team or a technology is wanted."""

    KIND: ClassVar[ListingKind] = ListingKind.PROJECT

    title_zh: Annotated[str, _title(N_("Title in Chinese"), N_("For example: use of waste heat in steelworks"))]
    description_zh: Annotated[
        str,
        _text(
            N_("The problem and what is wanted, in Chinese"),
            N_("The problem, what you have tried, what you offer. Suggestions are based on this text."),
        ),
    ]
    description_en: Annotated[str, _text(N_("The problem and what is wanted, in English"))] = ""
    degree: Annotated[str, Field(N_("Lowest degree of the leader"), widget="select", choices=_degrees)] = (
        catalogues.NO_DEGREE
    )
    pay_min: Annotated[int | None, Field(N_("Budget from"), widget="number", ge=0, le=MAX_PAY)] = None
    pay_max: Annotated[int | None, Field(N_("Budget up to"), widget="number", ge=0, le=MAX_PAY)] = None


FORMS: dict[str, type[ListingForm]] = {ListingKind.PEOPLE: PeopleForm, ListingKind.PROJECT: ProjectForm}
SECTIONS: tuple[tuple[str, object, tuple[str, ...]], ...] = (
    ("what", N_("What it is about"), ("title_zh", "title_en", "description_zh", "description_en")),
    ("who", N_("Whom you look for"), ("discipline", "degree", "languages", "headcount")),
    ("offer", N_("What you offer"), ("engagement", "city", "pay_min", "pay_max", "sponsors_permit")),
    ("when", N_("When"), ("start_by", "valid_to", "urgent_asked", "urgent_reason")),
)


class UrgentForm(Form):
    """The province's answer to an employer that asks for urgent and scarce."""

    decision: Annotated[str, Field(N_("Answer"), widget="hidden", pattern="|".join(UrgentAnswer))]
    note: Annotated[
        str, Field(N_("Reason of the answer"), help=N_("The employer reads it."), min_length=2, max_length=300)
    ]
