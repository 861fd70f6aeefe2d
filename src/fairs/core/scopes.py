"""Scopes of tokens: what a token may be used for. Used by tables, guards, forms and the description of the API."""

from enum import StrEnum

from fairs.core.i18n import N_


class Scope(StrEnum):
    """What a token may do. Its account's roles and its event limit it further."""

    READ = "read"  # events, people, suggestions, agreements
    REGISTER = "register"  # make and cancel registrations
    CHECK_IN = "check_in"  # a scanner's calls
    REPORT = "report"  # numbers
    MANAGE = "manage"  # change events, record steps of agreements
    LEADS = "leads"  # record visitors of an employer's booth and read them
    RELAY = "relay"  # be the venue relay of one event
    PRINT = "print"  # print the badges of a desk


OF_INTEGRATIONS = (Scope.READ, Scope.REGISTER, Scope.REPORT, Scope.MANAGE, Scope.LEADS)
OFFERED = (
    *OF_INTEGRATIONS,
    Scope.RELAY,
)  # on the form of a new token; a relay's is never given without being asked for
OF_DEVICES = (Scope.CHECK_IN,)
OF_PRINTERS = (Scope.PRINT,)
WORDS: dict[Scope, object] = {
    Scope.READ: N_("Read people, suggestions and agreements"),
    Scope.REGISTER: N_("Register people and cancel registrations"),
    Scope.CHECK_IN: N_("Check in"),
    Scope.REPORT: N_("Read the numbers of reports"),
    Scope.MANAGE: N_("Change events and record steps of agreements"),
    Scope.LEADS: N_("Record and read visitors of a booth"),
    Scope.RELAY: N_("Be the venue relay of an event"),
    Scope.PRINT: N_("Print the badges of a desk"),
}
