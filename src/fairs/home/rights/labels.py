"""Words for roles and for the states of accounts and invitations."""

from typing import Any

from fairs.accounts.accepting import LinkState
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.home.rights.rows import AccountState, InvitationState, SecondState

ROLES: dict[Role, object] = {
    Role.ADMIN: N_("Administrator"),
    Role.ORGANISER: N_("Organiser"),
    Role.BUREAU: N_("City bureau"),
    Role.EMPLOYER: N_("Employer's representative"),
    Role.CANDIDATE: N_("Candidate"),
    Role.STAFF: N_("Gate staff"),
    Role.REVIEWER: N_("Reviewer"),
    Role.INTERPRETER: N_("Interpreter"),
}
MEANING: dict[Role, object] = {
    Role.ADMIN: N_("Everything, also who else is an administrator."),
    Role.ORGANISER: N_("Runs editions: programme, registrations, meetings, reports, and the people of every unit."),
    Role.BUREAU: N_(
        "Approves the employers of its unit, verifies their agreements, and invites its own colleagues and the gate staff of its own events."
    ),
    Role.EMPLOYER: N_("Writes the employer's listings, sees suggestions, holds meetings and signs intents."),
    Role.CANDIDATE: N_("Signed up by themselves."),
    Role.STAFF: N_("Scans badges and finds people at an event: at all its gates, or only at chosen ones."),
    Role.REVIEWER: N_("Reads what is wanted at an event, projects and urgent posts first. Sees no candidate."),
    Role.INTERPRETER: N_(
        "Sees when and where the meetings of an event are, and in which languages. Sees no name of a candidate."
    ),
}
STATES: dict[AccountState, tuple[str, object]] = {  # state → kind of badge, words
    AccountState.ACTIVE: ("success", N_("Active")),
    AccountState.SUSPENDED: ("danger", N_("Suspended")),
}
SECOND: dict[SecondState, tuple[str, object]] = {  # two-factor authentication → kind of badge, words
    SecondState.ON: ("success", N_("On")),
    SecondState.OFF: ("neutral", N_("Off")),
    SecondState.MISSING: ("warning", N_("Off, but demanded")),
}
INVITATION_STATES: dict[InvitationState, tuple[str, object]] = {
    InvitationState.OPEN: ("progress", N_("Not yet accepted")),
    InvitationState.EXPIRED: ("warning", N_("Link expired")),
    InvitationState.ACCEPTED: ("success", N_("Accepted")),
    InvitationState.WITHDRAWN: ("neutral", N_("Withdrawn")),
}
LINK_STATES: dict[LinkState, tuple[object, object]] = {  # what became of a link → headline, what to do
    LinkState.USED: (
        N_("This invitation has been accepted"),
        N_("A link works once. Sign in with the account that accepted it."),
    ),
    LinkState.WITHDRAWN: (
        N_("This invitation was withdrawn"),
        N_("Nothing has changed in any account. If you expected it, ask the person who invited you."),
    ),
    LinkState.REPLACED: (
        N_("A newer link was sent"),
        N_("Use the link of the latest message. This one no longer works."),
    ),
    LinkState.EXPIRED: (
        N_("This link has expired"),
        N_("A link is valid for seven days. Ask the person who invited you to send it again."),
    ),
    LinkState.LAPSED: (
        N_("This invitation is no longer valid"),
        N_("The person who sent it may no longer give this role. Ask that office for a new one."),
    ),
}
FORGED = (
    N_("This is not one of our links"),
    N_("Perhaps a part of it was lost: open the whole link of the message, or ask the person who invited you."),
)


def role_words(role: str) -> str:
    """The name of a role in the viewer's language."""
    return str(ROLES[Role(role)])


WORDS: dict[str, Any] = {"role_words": role_words}
"""For every template of these pages."""
