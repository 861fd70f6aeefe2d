"""Navigation targets per page, and the start page after sign-in."""

from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.web.ui import NavItem

BUREAU, EMPLOYER, CANDIDATE, STAFF = (
    frozenset({role}) for role in (Role.BUREAU, Role.EMPLOYER, Role.CANDIDATE, Role.STAFF)
)
ORGANISER = frozenset({Role.ORGANISER, Role.ADMIN})
AGREEMENTS = r"/(me/|employer/|bureau/)?agreements|/meetings/\d+/agreement"
PEOPLE = r"/((organise|bureau)/)?people|/organise/(duplicates|merges)"
NAVIGATION = [
    NavItem(N_("Desk"), "home_page", BUREAU | ORGANISER),
    NavItem(N_("Fairs"), "home", place=r"/(e|listings)/"),
    NavItem(N_("Editions"), "editions", ORGANISER),
    NavItem(N_("Approvals"), "bureau_home", BUREAU | ORGANISER, place=r"/bureau/(approvals|organisations)"),
    NavItem(N_("Talents"), "bureau_talents", BUREAU | ORGANISER),
    NavItem(N_("City sessions"), "bureau_parts", BUREAU, place=r"/bureau/parts|/organise/editions/"),
    NavItem(N_("Experts for counties"), "service_requests", BUREAU | ORGANISER, place=r"/bureau/service"),
    NavItem(N_("Dashboard"), "current_dashboard", BUREAU | ORGANISER, place=r"/e/[^/]+/dashboard"),
    NavItem(N_("Agreements"), "bureau_agreements", BUREAU | ORGANISER, place=AGREEMENTS),
    NavItem(N_("People and rights"), "people", ORGANISER, place=PEOPLE),
    NavItem(N_("People and rights"), "bureau_people", BUREAU, place=PEOPLE),
    NavItem(N_("Outbox"), "outbox", ORGANISER, place=r"/organise/(outbox|mail-texts|suppressed)"),
    NavItem(N_("Organisation"), "employer_home", EMPLOYER, place=r"/employer/(organisation|people)|/people"),
    NavItem(N_("Scheduled jobs"), "periodic_jobs", ORGANISER, place=r"/organise/(clock|retention)"),
    NavItem(N_("System"), "audit_log", ORGANISER, place=r"/organise/(audit|access|webhooks)"),
    NavItem(N_("Listings"), "employer_listings", EMPLOYER, place=r"/employer/listings|/listings/\d+"),
    NavItem(
        N_("Representatives"),
        "my_representatives",
        EMPLOYER,
        place=r"/employer/representatives|/employer/events/[^/]+/representatives",
    ),
    NavItem(N_("Exhibits"), "my_exhibits", EMPLOYER | BUREAU | CANDIDATE, place=r"/exhibits|/e/[^/]+/exhibits/new"),
    NavItem(N_("Tour stops"), "hosting", EMPLOYER | BUREAU, place=r"/hosting"),
    NavItem(N_("Visitors"), "my_leads", EMPLOYER, place=r"/employer/leads|/employer/events/[^/]+/leads"),
    NavItem(N_("Meetings"), "employer_meetings", EMPLOYER, place=r"/meetings/"),
    NavItem(N_("Agreements"), "employer_agreements", EMPLOYER, place=AGREEMENTS),
    NavItem(N_("Suggestions"), "my_suggestions", CANDIDATE),
    NavItem(N_("Profile"), "my_profile", CANDIDATE, place=r"/me/profile|/talents/"),
    NavItem(N_("My fairs"), "my_registrations", CANDIDATE),
    NavItem(N_("Tours"), "my_tours", CANDIDATE, place=r"/me/tours"),
    NavItem(N_("Visits to counties"), "my_service", CANDIDATE),
    NavItem(N_("Meetings"), "my_meetings", CANDIDATE),
    NavItem(N_("Agreements"), "my_agreements", CANDIDATE, place=AGREEMENTS),
    NavItem(N_("Scanner"), "scanner", STAFF | ORGANISER),
    NavItem(N_("Badge desk"), "current_desk", STAFF, place=r"/organise/editions/[^/]+/(desk|walk-ins)"),
    NavItem(N_("My work"), "event_work", frozenset({Role.REVIEWER, Role.INTERPRETER})),
]
