"""What is assumed of a rehearsal, as a form and as words."""

from datetime import date
from typing import Annotated

from fairs.checkin.rehearsal.crowd import Assumptions
from fairs.checkin.rehearsal.services import Plan
from fairs.core.forms import Field, Form
from fairs.core.i18n import N_

_PERCENT = 100


class RehearsalForm(Form):
    """A rehearsal of one day."""

    day: Annotated[date, Field(N_("Day"), widget="date")]
    people: Annotated[
        int,
        Field(
            N_("People who come"), widget="number", ge=0, le=100_000, help=N_("0: everybody with a badge for this day.")
        ),
    ] = 0
    lanes: Annotated[
        int,
        Field(
            N_("Lanes at the entries, in all"),
            widget="number",
            ge=0,
            le=200,
            help=N_("0: one for each scanner that is set up. They are spread over the entry gates."),
        ),
    ] = 0
    desks: Annotated[int, Field(N_("People at the desk"), widget="number", ge=1, le=50)] = 1
    printers: Annotated[int, Field(N_("Printers"), widget="number", ge=1, le=50)] = 1
    minutes: Annotated[
        int,
        Field(
            N_("Minutes of playing"),
            widget="number",
            ge=1,
            le=20,
            help=N_("The whole crowd is sent through the real server in this time. Nothing of it is stored."),
        ),
    ] = 1
    scan_seconds: Annotated[
        float, Field(N_("Seconds for a badge that is scanned"), widget="number", ge=0.5, le=120)
    ] = 3.5
    lookup_percent: Annotated[
        float, Field(N_("People without a badge at hand, in %"), widget="number", ge=0, le=100)
    ] = 3.0
    lookup_seconds: Annotated[float, Field(N_("Seconds to find somebody by name"), widget="number", ge=1, le=600)] = (
        25.0
    )
    trouble_percent: Annotated[float, Field(N_("People sent to the desk, in %"), widget="number", ge=0, le=100)] = 1.0
    trouble_seconds: Annotated[float, Field(N_("Seconds for them at the desk"), widget="number", ge=1, le=1800)] = 90.0
    walk_in_percent: Annotated[
        float, Field(N_("People who are not registered, in %"), widget="number", ge=0, le=100)
    ] = 2.0
    walk_in_seconds: Annotated[float, Field(N_("Seconds to register somebody"), widget="number", ge=1, le=1800)] = 60.0
    print_seconds: Annotated[float, Field(N_("Seconds to print a badge"), widget="number", ge=1, le=300)] = 12.0
    likeliest_minutes: Annotated[
        float, Field(N_("Most come so many minutes before what they come for"), widget="number", ge=0, le=240)
    ] = 20.0
    longest_wait_minutes: Annotated[
        float, Field(N_("Nobody shall wait longer than, in minutes"), widget="number", ge=0.5, le=60)
    ] = 5.0

    @property
    def plan(self) -> Plan:
        """What is asked for."""
        given = Assumptions(
            scan_seconds=self.scan_seconds,
            lookup_share=self.lookup_percent / _PERCENT,
            lookup_seconds=self.lookup_seconds,
            trouble_share=self.trouble_percent / _PERCENT,
            trouble_seconds=self.trouble_seconds,
            walk_in_share=self.walk_in_percent / _PERCENT,
            walk_in_seconds=self.walk_in_seconds,
            print_seconds=self.print_seconds,
            earliest_minutes=max(60.0, self.likeliest_minutes),
            likeliest_minutes=self.likeliest_minutes,
            longest_wait_minutes=self.longest_wait_minutes,
        )
        return Plan(self.day, self.people, self.lanes, self.desks, self.printers, self.minutes * 60, given)
