"""Calls across slices: the tables that connect lower slices to higher ones.

A lower slice never imports a higher one. It reaches higher ones by a domain event, a job, or a function that the higher
one registers; here are all of them in one place, in calling order.
"""

from fairs import personal_data, sealed_columns
from fairs.accounts import invitations, proof
from fairs.accounts import people as account_people
from fairs.accounts.domain_events import AccountClosing, AddressChanged, AddressProved
from fairs.agreements import by_clock as agreement_clock
from fairs.agreements import queries as agreement_queries
from fairs.agreements import sections as agreement_sections
from fairs.agreements import waiting as agreement_waiting
from fairs.agreements.domain_events import AgreementStepped
from fairs.badges import in_list as badges_in_list
from fairs.badges import printing as badge_files
from fairs.badges import queries as badge_queries
from fairs.badges import sections as badge_sections
from fairs.badges import services as badges
from fairs.badges.batches import services as batches
from fairs.badges.designing import queries as design_queries
from fairs.badges.designing import services as designs
from fairs.badges.desk import services as desk
from fairs.calendars import account_closing as calendar_closing
from fairs.checkin import in_list as arrivals_in_list
from fairs.checkin import sections as scan_sections
from fairs.checkin.rehearsal import services as rehearsing
from fairs.core import events_bus, jobs, schedule
from fairs.duplicates import finding as duplicates_finding
from fairs.duplicates import telling as duplicates_telling
from fairs.events import waiting as event_waiting
from fairs.events.domain_events import (
    EventCancelled,
    EventChecking,
    EventCloned,
    EventHolding,
    EventMoving,
    ProgrammeReleasing,
    SessionsCancelled,
)
from fairs.events.planning import queries as planning_queries
from fairs.exhibits import queries as exhibit_queries
from fairs.exhibits import waiting as exhibit_waiting
from fairs.files import queries as file_queries
from fairs.files import services as files
from fairs.files.tables import Purpose
from fairs.home import journey
from fairs.home.rights import queries as rights_queries
from fairs.leads import account_closing as lead_closing
from fairs.listings import queries as listing_queries
from fairs.listings import rules as listing_rules
from fairs.listings.domain_events import ListingClosed, ListingPublished
from fairs.mailings import by_clock as mailing_clock
from fairs.mailings import services as mailings
from fairs.mailings.wording import queries as wording_queries
from fairs.mailings.wording import services as wording
from fairs.matching import encoding, listing_search, nightly
from fairs.matching import queries as matching_queries
from fairs.matching.retrieval import indexing
from fairs.meetings import account_closing as meeting_closing
from fairs.meetings import emails as meeting_emails
from fairs.meetings import event_changes as meeting_changes
from fairs.meetings import event_checking as meeting_checking
from fairs.meetings import event_cloning as meeting_cloning
from fairs.meetings import event_life as meeting_life
from fairs.meetings import event_moving as meeting_moving
from fairs.meetings import queries as meeting_queries
from fairs.meetings import reminders as meeting_reminders
from fairs.meetings import sections as meeting_sections
from fairs.meetings.attendance import services as attendance
from fairs.meetings.digest import services as digest
from fairs.meetings.giving import services as tables_given
from fairs.meetings.scheduling import runs
from fairs.notifications import held, mailbox
from fairs.notifications import proof as mail_proof
from fairs.notifications import services as mail
from fairs.notifications.queries import mail_gauges
from fairs.organisations import account_closing as organisation_closing
from fairs.organisations import queries as organisation_queries
from fairs.organisations import waiting as organisation_waiting
from fairs.organisations.domain_events import EmployerApproved
from fairs.outreach import queries as outreach_queries
from fairs.outreach import waiting as outreach_waiting
from fairs.privacy import exporting, forgetting
from fairs.registrations import account_closing as registration_closing
from fairs.registrations import emails as registration_emails
from fairs.registrations import event_changes as registration_changes
from fairs.registrations import event_life as registration_life
from fairs.registrations import event_moving as registration_moving
from fairs.registrations import linking
from fairs.registrations import photos as registration_photos
from fairs.registrations import queries as registration_queries
from fairs.registrations import reminders as registration_reminders
from fairs.registrations import services as registrations
from fairs.registrations import summaries as registration_summaries
from fairs.registrations import waiting as registration_waiting
from fairs.registrations.asking import in_list as asking_in_list
from fairs.registrations.asking import queries as asking_queries
from fairs.registrations.asking import sections as asking_sections
from fairs.registrations.asking import services as asking
from fairs.registrations.codes import services as codes
from fairs.registrations.domain_events import (
    PlacesGiven,
    RegistrationCancelled,
    RegistrationsMade,
    RegistrationsPromoted,
)
from fairs.registrations.groups import services as registration_groups
from fairs.registrations.offering import services as offering
from fairs.registrations.pools import services as pools
from fairs.registrations.working import bulk as registration_bulk
from fairs.registrations.working import by_mail as lists_by_mail
from fairs.registrations.working import columns as registration_columns
from fairs.registrations.working import person as registration_person
from fairs.reports.snapshots import by_clock as snapshot_clock
from fairs.reports.snapshots import queries as snapshot_queries
from fairs.talents import account_closing as talent_closing
from fairs.talents import journey as talent_journey
from fairs.talents.domain_events import ProfileOpened
from fairs.tours import by_clock as tour_clock
from fairs.tours import members as tour_members
from fairs.tours import route_runs as tour_routes
from fairs.tours import waiting as tour_waiting
from fairs.tours.results import queries as tour_results
from fairs.upkeep import digest as work_digest
from fairs.upkeep import purge
from fairs.upkeep import queries as upkeep_queries
from fairs.upkeep import services as upkeep
from fairs.web import health, metrics
from fairs.webhooks import publishing
from fairs.webhooks import services as webhooks

SUBSCRIPTIONS: list[events_bus.Subscription] = [
    (PlacesGiven, badges.on_places_given),
    (RegistrationCancelled, badges.on_registration_cancelled),
    (RegistrationCancelled, tour_members.on_registration_cancelled),
    (AddressProved, linking.on_person_known),
    (ProfileOpened, linking.on_person_known),
    (AddressChanged, registration_closing.on_address_changed),
    (AddressChanged, talent_closing.on_address_changed),
    (AccountClosing, calendar_closing.on_account_closing),
    (AccountClosing, lead_closing.on_account_closing),
    (AccountClosing, meeting_closing.on_account_closing),
    (AccountClosing, registration_closing.on_account_closing),
    (AccountClosing, talent_closing.on_account_closing),
    (EventMoving, registration_moving.on_event_moving),
    (EventMoving, meeting_moving.on_event_moving),
    (EventHolding, registration_life.on_event_holding),
    (EventHolding, meeting_life.on_event_holding),
    (EventHolding, listing_queries.on_event_holding),
    (EventHolding, agreement_queries.on_event_holding),
    (EventHolding, snapshot_queries.on_event_holding),
    (EmployerApproved, tables_given.on_employer_approved),
    (ListingPublished, tables_given.on_listing_published),
    (EventCancelled, registration_life.on_event_cancelled),
    (EventCancelled, meeting_life.on_event_cancelled),
    (EventChecking, meeting_checking.on_event_checking),
    (EventCloned, meeting_cloning.on_event_cloned),
    (EventCloned, designs.on_event_cloned),
    (EventCloned, wording.on_event_cloned),
    (EventCloned, mailings.on_event_cloned),
    (EventCloned, asking.on_event_cloned),
    (EventCloned, pools.on_event_cloned),
    (RegistrationsMade, publishing.on_registrations_made),
    (RegistrationsPromoted, publishing.on_registrations_promoted),
    (RegistrationCancelled, publishing.on_registration_cancelled),
    (AgreementStepped, publishing.on_agreement_stepped),
    (ListingPublished, publishing.on_listing_published),
    (ListingClosed, publishing.on_listing_closed),
    (ProgrammeReleasing, registration_moving.on_programme_releasing),
    (ProgrammeReleasing, meeting_moving.on_programme_releasing),
    (SessionsCancelled, registration_changes.on_sessions_cancelled),
]
BELONGINGS = [
    meeting_closing.BELONGINGS,
    registration_closing.BELONGINGS,
    talent_closing.BELONGINGS,
    organisation_closing.BELONGINGS,
]
JOBS: list[jobs.Handler] = [
    files.delete_later,
    rehearsing.play_later,
    mail.deliver,
    held.release_proved,
    encoding.encode_talent,
    encoding.encode_listing,
    indexing.index_all_later,
    registrations.fill_places,
    registration_bulk.work,
    registration_groups.work,
    registration_groups.tell,
    registration_changes.notify_moved,
    registration_life.end_registrations,
    registration_changes.notify_cancelled,
    meeting_changes.notify_moved,
    meeting_life.cancel_meetings,
    runs.schedule,
    tour_routes.plan_route,
    digest.send_digest,
    upkeep.run,
    batches.make_batch,
    desk.expire,
    webhooks.deliver,
    publishing.collect_scans,
    mailings.feed,
    exporting.make_export,
    forgetting.forget_later,
]
PERIODIC: list[schedule.Work] = [
    agreement_clock.lapse,
    purge.purge_nightly,
    nightly.renew,
    snapshot_clock.freeze_months,
    agreement_clock.follow_up,
    work_digest.send_digests,
    registration_reminders.remind,
    lists_by_mail.send_lists,
    offering.lapse,
    codes.pass_on,
    meeting_reminders.remind,
    attendance.follow,
    tour_clock.remind,
    mailing_clock.follow,
    mailbox.read_mailbox,
    duplicates_finding.find,
    duplicates_telling.tell,
]
WAITING = (
    organisation_waiting.approvals,
    event_waiting.releases,
    registration_waiting.reviews,
    tour_waiting.stops,
    exhibit_waiting.exhibits,
    outreach_waiting.requests,
    agreement_waiting.steps,
    work_digest.failed_mails,
    work_digest.broken_jobs,
)
GENERATORS: list[mail.Generator] = [
    badge_files.make_pdf,
    badge_files.make_png,
    registration_emails.make_calendar,
    meeting_emails.make_calendar,
]
SECTIONS: tuple[registration_person.Reader, ...] = (
    asking_sections.answers_of,
    badge_sections.badges_of,
    scan_sections.scans_of,
    meeting_sections.meetings_of,
    agreement_sections.agreements_of,
)
FILE_READERS: dict[Purpose, file_queries.Reader] = {
    Purpose.LICENCE: organisation_queries.may_read_licence,
    Purpose.PHOTO: registration_photos.may_read_photo,
    Purpose.SPEAKER: planning_queries.may_read_picture,
    Purpose.EVIDENCE: agreement_queries.may_read_evidence,
    Purpose.BADGES: batches.may_read_batch,
    Purpose.ANSWER: asking_queries.may_read_file,
    Purpose.PORTRAIT: asking_queries.may_read_file,
    Purpose.POSTER: exhibit_queries.may_read_file,
    Purpose.EXHIBIT: exhibit_queries.may_read_file,
    Purpose.SERVICE: outreach_queries.may_read_evidence,
    Purpose.RECEIPT: tour_results.may_read_receipt,
    Purpose.LOGO: design_queries.may_read_logo,
    Purpose.EXPORT: exporting.may_read,
}
PROVED = proof.Rule()


def wire() -> None:
    """Connect everything in the current application; a second call changes nothing."""
    events_bus.install(SUBSCRIPTIONS)
    jobs.install(JOBS)
    schedule.install(PERIODIC)
    work_digest.SOURCES.set(WAITING)
    proof.BELONGINGS.set(tuple(BELONGINGS))
    mail_proof.RULE.set(PROVED)
    mail.install_generators(GENERATORS)
    mail.WORDINGS.set(wording_queries.wordings)
    registration_summaries.DETAILS.set((badge_queries.badge_details,))
    registration_person.SECTIONS.set(SECTIONS)
    registration_person.ARRIVED.set(arrivals_in_list.arrived)
    registration_columns.EXTRAS.set((asking_in_list.extras, arrivals_in_list.extras, badges_in_list.extras))
    registration_queries.BUSY.set(meeting_queries.are_in_meetings)
    file_queries.READERS.set(FILE_READERS)
    meeting_queries.AGREEMENTS.set(agreement_queries.agreements_of_meetings)
    matching_queries.BOOKED.set(meeting_queries.is_booked)
    talent_journey.JOURNEY.set(journey.find_journey)
    listing_rules.OTHER_WORDS.set(listing_search.other_words)
    listing_queries.NEAR.set(listing_search.near)
    invitations.NAMES.set(rights_queries.scope_names)
    account_people.RUN.set(rights_queries.run_events)
    metrics.SOURCES.set((mail_gauges, upkeep_queries.gauges))
    health.PERIODIC.set(upkeep_queries.troubles)
    sealed_columns.install()
    personal_data.install()
