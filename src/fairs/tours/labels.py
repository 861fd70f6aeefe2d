"""Words of tours."""

from datetime import datetime
from zoneinfo import ZoneInfo

from fairs.core.i18n import N_, Lazy, format_hours, format_moment
from fairs.tours.rules import Warned
from fairs.tours.tables import MemberState, NewsKind, Origin, RouteState, StopKind, StopState

STOP_KINDS: dict[str, object] = {
    StopKind.VISIT: N_("Employer visit"),
    StopKind.TALK: N_("Project talk"),
    StopKind.BRIEFING: N_("Policy briefing"),
    StopKind.PARK: N_("Park"),
    StopKind.LAB: N_("Laboratory"),
    StopKind.MEAL: N_("Meal"),
    StopKind.SIGHT: N_("Sight"),
    StopKind.TRANSFER: N_("Transfer"),
}
STOP_STATES: dict[str, tuple[str, object]] = {
    StopState.PLANNED: ("neutral", N_("Planned")),
    StopState.ASKED: ("progress", N_("Host asked")),
    StopState.CONFIRMED: ("success", N_("Confirmed by the host")),
    StopState.DECLINED: ("danger", N_("Declined by the host")),
    StopState.CANCELLED: ("neutral", N_("Stop cancelled")),
}
MEMBER_STATES: dict[str, tuple[str, object]] = {
    MemberState.SUBSTITUTE: ("neutral", N_("Substitute")),
    MemberState.INVITED: ("progress", N_("Invited")),
    MemberState.ACCEPTED: ("progress", N_("Accepted")),
    MemberState.APPROVED: ("warning", N_("Has a place")),
    MemberState.CONFIRMED: ("success", N_("Will come")),
    MemberState.TRAVELLING: ("success", N_("On the way")),
    MemberState.CAME: ("success", N_("Came")),
    MemberState.DECLINED: ("danger", N_("Declined")),
    MemberState.WITHDRAWN: ("danger", N_("Withdrawn")),
}
STEP_WORDS: dict[str, object] = {  # the act that leads into a state
    MemberState.SUBSTITUTE: N_("Make them substitutes"),
    MemberState.INVITED: N_("Invite"),
    MemberState.ACCEPTED: N_("Note as accepted"),
    MemberState.APPROVED: N_("Give a place"),
    MemberState.CONFIRMED: N_("Note that they come"),
    MemberState.TRAVELLING: N_("Note as on the way"),
    MemberState.CAME: N_("Note as there"),
    MemberState.DECLINED: N_("Note as declined"),
    MemberState.WITHDRAWN: N_("Take off the tour"),
}
ORIGINS: dict[str, object] = {
    Origin.REGISTRATION: N_("Registered"),
    Origin.HAND: N_("Entered by hand"),
    Origin.TABLE: N_("From a table"),
    Origin.MATCH: N_("From matches"),
}
CONFLICTS: dict[str, Lazy] = {
    Warned.OVERLAP: N_("Two stops at the same time for the same people: %(stop)s and %(other)s"),
    Warned.OUTSIDE: N_("%(stop)s is not on the days of the tour"),
    Warned.TRAVEL: N_("From %(stop)s to %(other)s the coach needs %(hours)s h, and there are %(minutes)s minutes"),
    Warned.CROWDED: N_("%(stop)s has %(places)s places, and %(people)s people come"),
    Warned.NO_HOST: N_("%(stop)s has no host: name the employer or the city"),
    Warned.NOT_ASKED: N_("The host of %(stop)s has not been asked"),
    Warned.NOT_ANSWERED: N_("The host of %(stop)s has not answered"),
    Warned.DECLINED: N_("The host of %(stop)s has declined"),
    Warned.UNGROUPED: N_("%(people)s people are in no group, although the tour is split"),
    Warned.VEHICLE_FULL: N_("%(vehicle)s: too few seats (%(seats)s) for the people (%(people)s) at %(stop)s"),
    Warned.PICKUP_FULL: N_("%(vehicle)s: too few seats (%(seats)s) for the people (%(people)s): %(where)s"),
    Warned.NO_VEHICLE: N_("A pick-up has no vehicle (people: %(people)s): %(where)s"),
    Warned.VEHICLE_TWICE: N_("%(vehicle)s is to be at two places at once"),
    Warned.ROOM: N_("Room %(room)s has too few beds (%(beds)s) for the people in it (%(people)s)"),
    Warned.TWO_ROOMS: N_("%(person)s has two rooms in the same night"),
    Warned.LATE: N_("%(person)s arrives after %(stop)s has begun"),
    Warned.INTERPRETER: N_("%(person)s is to interpret at two places at once: %(stop)s and %(other)s"),
    Warned.LETTER: N_("%(person)s waits for an invitation letter"),
    Warned.NO_LETTER: N_("%(person)s comes from abroad in %(days)s days and has no invitation letter"),
    Warned.NIGHT: N_("%(person)s has no bed for %(nights)s nights, the first on %(day)s"),
}
WAYS_OUT: dict[str, object] = {
    Warned.OVERLAP: N_("Move one of them, or split them by groups"),
    Warned.OUTSIDE: N_("Move the stop"),
    Warned.TRAVEL: N_("Move the later stop"),
    Warned.CROWDED: N_("Ask for more places, or split by groups"),
    Warned.NO_HOST: N_("Name the host"),
    Warned.NOT_ASKED: N_("Ask the host"),
    Warned.NOT_ANSWERED: N_("Call the host"),
    Warned.DECLINED: N_("Find another host, or cancel the stop"),
    Warned.UNGROUPED: N_("Put them into groups"),
    Warned.VEHICLE_FULL: N_("Take another vehicle"),
    Warned.PICKUP_FULL: N_("Split the pick-up, or take a larger vehicle"),
    Warned.NO_VEHICLE: N_("Choose a vehicle"),
    Warned.VEHICLE_TWICE: N_("Send another vehicle"),
    Warned.ROOM: N_("Move somebody to another room"),
    Warned.TWO_ROOMS: N_("Take one of the rooms away"),
    Warned.LATE: N_("Ask for an earlier arrival, or put the person into a later group"),
    Warned.INTERPRETER: N_("Ask another interpreter"),
    Warned.LETTER: N_("Decide on the letter"),
    Warned.NO_LETTER: N_("Ask for the letter, or note the permit"),
    Warned.NIGHT: N_("Give a room for these nights"),
}
FIELDS: dict[str, object] = {  # of a stop, in what its people are told
    "kind": N_("Kind"),
    "title_zh": N_("Title"),
    "title_en": N_("Title"),
    "starts_at": N_("Begins"),
    "ends_at": N_("Ends"),
    "place_zh": N_("Address"),
    "place_en": N_("Address"),
    "host_name": N_("Contact there"),
    "host_phone": N_("Telephone there"),
    "bring_zh": N_("What to bring"),
    "bring_en": N_("What to bring"),
    "note_zh": N_("Note"),
    "note_en": N_("Note"),
}
NEWS: dict[str, object] = {
    NewsKind.RELEASED: N_("Your itinerary is ready"),
    NewsKind.NEW: N_("New stop"),
    NewsKind.CHANGED: N_("Stop changed"),
    NewsKind.CANCELLED: N_("Stop no longer for you"),
    NewsKind.GROUP: N_("You are in another group"),
}
ROUTES: dict[str, tuple[str, object]] = {
    RouteState.WAITING: ("progress", N_("Waits")),
    RouteState.RUNNING: ("progress", N_("Is being planned")),
    RouteState.DONE: ("success", N_("Planned")),
    RouteState.ACCEPTED: ("success", N_("Taken over")),
    RouteState.FAILED: ("danger", N_("Failed")),
    RouteState.CANCELLED: ("neutral", N_("Stopped")),
}


def hours(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """From–to below the head of a day: hours alone; with their days where the end is on another."""
    start, end = (moment.astimezone(ZoneInfo(zone)) for moment in (starts_at, ends_at))
    if start.date() != end.date():
        return format_hours(starts_at, ends_at, zone)
    return f"{format_moment(starts_at, zone, 'time')}–{format_moment(ends_at, zone, 'time')}"
