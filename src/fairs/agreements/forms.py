"""Input of agreements: the terms, a signature, a step."""

from datetime import date
from typing import Annotated

from fairs.agreements import facts
from fairs.agreements.facts import Fact
from fairs.core import cleaning, clock
from fairs.core.forms import Choice, Field, Form
from fairs.core.i18n import N_, current_lang
from fairs.units import catalogues


def engagement_choices() -> list[Choice]:
    """Ways of engagement in the reader's language."""
    return catalogues.choices("engagement_types", current_lang())


def reason_choices() -> list[Choice]:
    """Reasons for ending an agreement."""
    return catalogues.choices("agreement_reasons", current_lang())


class AgreementForm(Form):
    """The terms. Both languages are required: each side must be able to read what it signs."""

    title_zh: Annotated[str, Field(N_("Title in Chinese"), help=N_("As it will appear on paper."), max_length=200)]
    title_en: Annotated[str, Field(N_("Title in English"), max_length=200)]
    content_zh: Annotated[
        str,
        Field(
            N_("What you will do together, in Chinese"),
            help=N_("Tasks, place, who does what. Write what both sides said in the meeting."),
            widget="textarea",
            max_length=4000,
        ),
    ]
    content_en: Annotated[str, Field(N_("The same in English"), widget="textarea", max_length=4000)]
    engagement: Annotated[str, Field(N_("Way of engagement"), widget="select", choices=engagement_choices)]
    heads: Annotated[
        int, Field(N_("How many people"), help=N_("The person and the team."), widget="number", ge=1, le=999)
    ] = 1
    amount_cny: Annotated[
        int | None,
        Field(N_("Amount in yuan"), help=N_("Whole yuan. Leave empty if none is intended."), widget="number", ge=0),
    ] = None
    months_per_year: Annotated[int | None, Field(N_("Months a year on site"), widget="number", ge=1, le=12)] = None
    next_step_by: Annotated[
        date | None,
        Field(N_("Next step by"), help=N_("The day by which both want to complete the next step."), widget="date"),
    ] = None

    def check(self) -> dict[str, object]:
        """The next step is in the future."""
        if self.next_step_by and self.next_step_by < clock.now().date():
            return {"next_step_by": N_("This day has passed")}
        return {}


class SignForm(Form):
    """A signature: the full name as typed, the consent, the hash of the displayed text, and the confirmation of the
    account's owner: its password, or a mailed code."""

    name_signed: Annotated[
        str,
        Field(
            N_("Your full name"),
            help=N_("Type it as your signature."),
            min_length=2,
            max_length=120,
            attrs={"autocomplete": "off"},
        ),
    ]
    consent: Annotated[
        bool, Field(N_("I have read the text in a language I understand and sign it."), widget="checkbox")
    ]
    document_hash: Annotated[str, Field(N_("Text"), widget="hidden", pattern=r"[0-9a-f]{64}")]
    password: Annotated[
        str,
        Field(
            N_("Your password"),
            help=N_("Again, so that no other person signs in your name."),
            widget="password",
            max_length=200,
            attrs={"autocomplete": "current-password", "data-either": "otp"},
        ),
    ] = ""
    otp: Annotated[
        str,
        Field(
            N_("Or the code from the mail"),
            help=N_("Six digits. Ask for it with the button below if you sign in without a password."),
            max_length=20,
            store=cleaning.code,
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "data-either": "password"},
        ),
    ] = ""

    def check(self) -> dict[str, object]:
        """A signature requires the tick and a confirmation of identity."""
        found: dict[str, object] = {} if self.consent else {"consent": N_("Tick the box to sign")}
        if not self.password and not self.otp:
            found["password"] = N_("Enter your password, or the code from the mail")
        return found


BY_STEP = {"data-by-step": "1"}  # required or not: the chosen step says so
FactDay = Annotated[
    date | None,
    Field(
        N_("Date of the fact"),
        help=N_("The day on which it happened, not the day on which you record it."),
        widget="date",
        attrs=BY_STEP,
    ),
]
FactNumber = Annotated[
    str,
    Field(
        N_("Number of the paper"),
        help=N_("Of the contract, permit, registration or document, where the step asks for one."),
        max_length=facts.NUMBER_LENGTH,
        attrs=BY_STEP,
    ),
]


PeriodFrom = Annotated[
    date | None,
    Field(
        N_("Funded engagement: first day"),
        help=N_("Only where the step is a funding: one funded period counts once."),
        widget="date",
        attrs=BY_STEP,
    ),
]
PeriodTo = Annotated[date | None, Field(N_("Funded engagement: last day"), widget="date", attrs=BY_STEP)]


class StepForm(Form):
    """A step of the agreement. What it needs of date, number and evidence is in the table; `reason` to terminate.

    A file as evidence joins after `evidence`.
    """

    to: Annotated[str, Field(N_("Step"), widget="select", max_length=16)]
    fact_on: FactDay = None
    fact_number: FactNumber = ""
    period_from: PeriodFrom = None
    period_to: PeriodTo = None
    evidence: Annotated[
        str,
        Field(
            N_("Evidence"),
            help=N_("What shows it, and where that is kept: a reference, or a file below. Dots and dashes are none."),
            widget="textarea",
            max_length=2000,
            attrs={"rows": "3", **BY_STEP},
        ),
    ] = ""
    file: Annotated[
        str,
        Field(N_("File with the evidence"), help=N_("The contract, permit or registration itself."), max_length=700),
    ] = ""
    reason: Annotated[str, Field(N_("Reason, if the agreement ends"), widget="select", choices=reason_choices)] = ""

    @property
    def fact(self) -> Fact:
        """What the step rests on."""
        return Fact(self.fact_on, self.fact_number, self.evidence, (self.period_from, self.period_to), bool(self.file))


class SendBackForm(Form):
    """What the bureau wants corrected before it verifies."""

    correction: Annotated[
        str,
        Field(
            N_("What is to be corrected"),
            help=N_("Both sides read it in the mail and on this page."),
            widget="textarea",
            max_length=1000,
            attrs={"rows": "3"},
        ),
    ]


class TransitionForm(Form):
    """A step recorded by another program. Whether `to` may follow is checked by the table, not the form."""

    to: Annotated[str, Field(N_("Step"), max_length=16)]
    fact_on: FactDay = None
    fact_number: FactNumber = ""
    period_from: PeriodFrom = None
    period_to: PeriodTo = None
    evidence: Annotated[str, Field(N_("Evidence"), widget="textarea", max_length=2000)] = ""
    reason: Annotated[str, Field(N_("Reason, if the agreement ends"), max_length=60)] = ""
    file: Annotated[str, Field(N_("File"), max_length=700)] = ""

    @property
    def fact(self) -> Fact:
        """What the step rests on."""
        return Fact(self.fact_on, self.fact_number, self.evidence, (self.period_from, self.period_to))
