"""Scheduling on the organiser's page: whether it can start, its progress, its result."""

from typing import Any

from fairs.core import i18n
from fairs.core.i18n import N_, pick
from fairs.core.sheets import Column
from fairs.events.rows import EventRow
from fairs.meetings.pages import STATES
from fairs.meetings.scheduling import queries, unmet_messages
from fairs.meetings.scheduling.rows import RunRow, TimetableRow
from fairs.meetings.tables import RunState

PHASES: dict[str, object] = {
    "reading": N_("Reading wishes, slots and tables"),
    "pins": N_("Keeping the booked meetings"),
    "musts": N_("Placing those who must meet"),
    "choice": N_("Choosing who meets whom"),
    "timetable": N_("Finding slots"),
    "repair": N_("Fitting in those without a slot"),
    "proof": N_("Looking for improvements"),
    "comfort": N_("Smoothing each person's day"),
    "reasons": N_("Explaining what is not possible"),
    "done": N_("Checking the plan"),
    "booking": N_("Booking and inviting"),
}
ERRORS: dict[str, object] = {
    "lost": N_("The program that computed was ended from outside. Nothing was booked; schedule again."),
    "solver": N_("The computation was interrupted. Nothing was booked; please tell your administrator."),
    "unexpected": N_("Something went wrong on our side. Nothing was booked; please tell your administrator."),
}
LIVE = (RunState.WAITING, RunState.RUNNING)
MAILS_A_MEETING = 2
SHOWN = 200  # rows shown of the list of unserved wishes
SHEET = (
    Column(N_("Begins"), 18),
    Column(N_("Ends"), 18),
    Column(N_("Table"), 8),
    Column(N_("Employer"), 40),
    Column(N_("Candidate"), 30),
    Column(N_("Listing"), 40),
    Column(N_("State"), 14),
)


async def of_event(event: EventRow) -> dict[str, Any]:
    """All data for the timetable section."""
    waiting = await queries.waiting_counts(event.id)
    run = await queries.latest_run(event.id)
    without, count = await _unmet(run, event.timezone) if run and state_of(run) == RunState.DONE else ([], 0)
    return {
        "waiting": waiting,
        "mails": MAILS_A_MEETING * waiting.pairs,
        "run": run,
        "state": state_of(run),
        "numbers": numbers(run),
        "error": ERRORS.get(_error(run)) if state_of(run) == RunState.FAILED else None,
        "gap": gap_in_words(run.gap) if run else "",
        "unmet": without,
        "unmet_count": count,
    }


def state_of(run: RunRow | None) -> str:
    """none, or the run's state; a run whose worker stopped reporting has failed."""
    if run is None:
        return "none"
    return str(RunState.FAILED if run.lost else run.state)


def _error(run: RunRow | None) -> str:
    return "" if run is None else "lost" if run.lost else str(run.error)


def numbers(run: RunRow | None) -> dict[str, object]:
    """A run's progress, in the current language, for the page and for its live line. `over`: the page has more to show."""
    if run is None or state_of(run) not in LIVE:
        return {"over": True}
    phase = PHASES.get(run.phase, N_("Computing"))
    return {
        "phase": str(phase if run.state == RunState.RUNNING else N_("Waiting for a worker to begin")),
        "share": round(100 * run.share),
        "objective": run.objective,
        "bound": "–" if run.bound is None else i18n.format_number(run.bound),
        "gap": "–" if run.gap is None else percent(run.gap),
    }


def percent(share: float) -> str:
    """0.00123 → 0.13 %: never rounded down."""
    hundredths = -(-share * 10_000 // 1)
    return f"{i18n.format_number(hundredths / 100)} %"


def gap_in_words(gap: float | None) -> str:
    """How near the plan is to the best one."""
    if gap is None:
        return ""
    if gap == 0:
        return i18n.gettext("Proved best: no other timetable serves these wishes better.")
    return i18n.gettext("At most %(gap)s below the best that could be possible.", gap=percent(gap))


async def _unmet(run: RunRow, zone: str) -> tuple[list[unmet_messages.Shown], int]:
    """The listed unserved wishes, and how many there are."""
    rows = queries.unmet_of(run)
    shown = rows[:SHOWN]
    keys = unmet_messages.keys(shown)
    people, employers = ([int(key[1:]) for key in sorted(keys) if key[0] == side] for side in "to")
    names = await queries.names(people, employers)
    return [unmet_messages.shown(row, names, zone) for row in shown], len(rows)


def sheet_row(meeting: TimetableRow) -> list[object]:
    """A meeting as a row of the exported timetable."""
    native = meeting.name_native
    person = (
        f"{native} {meeting.name_passport}" if native and native != meeting.name_passport else meeting.name_passport
    )
    return [
        meeting.starts_at,
        meeting.ends_at,
        meeting.table_number,
        pick(meeting.organisation_zh, meeting.organisation_en),
        person,
        pick(meeting.title_zh, meeting.title_en),
        str(STATES[meeting.state][1]),
    ]
