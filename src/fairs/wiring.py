"""Calls across slices: the tables that connect lower slices to higher ones.

A lower slice never imports a higher one. It reaches higher ones by a domain event, a job, or a function that the higher
one registers; here are all of them in one place, in calling order.
"""

from fairs import sealed_columns
from fairs.accounts import proof
from fairs.accounts.domain_events import AccountClosing, AddressChanged, AddressProved
from fairs.agreements import queries as agreement_queries
from fairs.badges import printing as badge_files
from fairs.badges import queries as badge_queries
from fairs.badges import services as badges
from fairs.core import events_bus, jobs
from fairs.events.domain_events import EventCancelled, EventHolding, EventMoving, SessionMoving
from fairs.home import journey
from fairs.listings import queries as listing_queries
from fairs.listings import rules as listing_rules
from fairs.listings.domain_events import ListingPublished
from fairs.matching import encoding, listing_search
from fairs.matching import queries as matching_queries
from fairs.matching.retrieval import indexing
from fairs.meetings import account_closing as meeting_closing
from fairs.meetings import emails as meeting_emails
from fairs.meetings import event_changes as meeting_changes
from fairs.meetings import event_life as meeting_life
from fairs.meetings import event_moving as meeting_moving
from fairs.meetings import queries as meeting_queries
from fairs.meetings.digest import services as digest
from fairs.meetings.giving import services as tables_given
from fairs.meetings.scheduling import runs
from fairs.notifications import held
from fairs.notifications import proof as mail_proof
from fairs.notifications import services as mail
from fairs.notifications.queries import mail_gauges
from fairs.organisations import account_closing as organisation_closing
from fairs.organisations.domain_events import EmployerApproved
from fairs.registrations import account_closing as registration_closing
from fairs.registrations import emails as registration_emails
from fairs.registrations import event_changes as registration_changes
from fairs.registrations import event_life as registration_life
from fairs.registrations import event_moving as registration_moving
from fairs.registrations import linking
from fairs.registrations import queries as registration_queries
from fairs.registrations import services as registrations
from fairs.registrations.domain_events import PlacesGiven, RegistrationCancelled
from fairs.reports.snapshots import queries as snapshot_queries
from fairs.talents import account_closing as talent_closing
from fairs.talents import journey as talent_journey
from fairs.talents.domain_events import ProfileOpened
from fairs.web import metrics

SUBSCRIPTIONS: list[events_bus.Subscription] = [
    (PlacesGiven, badges.on_places_given),
    (RegistrationCancelled, badges.on_registration_cancelled),
    (AddressProved, linking.on_person_known),
    (ProfileOpened, linking.on_person_known),
    (AddressChanged, registration_closing.on_address_changed),
    (AddressChanged, talent_closing.on_address_changed),
    (AccountClosing, meeting_closing.on_account_closing),
    (AccountClosing, registration_closing.on_account_closing),
    (AccountClosing, talent_closing.on_account_closing),
    (EventMoving, registration_moving.on_event_moving),
    (EventMoving, meeting_moving.on_event_moving),
    (SessionMoving, registration_moving.on_session_moving),
    (SessionMoving, meeting_moving.on_session_moving),
    (EventHolding, registration_life.on_event_holding),
    (EventHolding, meeting_life.on_event_holding),
    (EventHolding, listing_queries.on_event_holding),
    (EventHolding, agreement_queries.on_event_holding),
    (EventHolding, snapshot_queries.on_event_holding),
    (EmployerApproved, tables_given.on_employer_approved),
    (ListingPublished, tables_given.on_listing_published),
    (EventCancelled, registration_life.on_event_cancelled),
    (EventCancelled, meeting_life.on_event_cancelled),
]
BELONGINGS = [
    meeting_closing.BELONGINGS,
    registration_closing.BELONGINGS,
    talent_closing.BELONGINGS,
    organisation_closing.BELONGINGS,
]
JOBS: list[jobs.Handler] = [
    mail.deliver,
    held.release_proved,
    encoding.encode_talent,
    encoding.encode_listing,
    indexing.index_all_later,
    registrations.fill_places,
    registration_changes.notify_moved,
    registration_life.end_registrations,
    meeting_changes.notify_moved,
    meeting_life.cancel_meetings,
    runs.schedule,
    digest.send_digest,
]
GENERATORS: list[mail.Generator] = [
    badge_files.make_pdf,
    badge_files.make_png,
    registration_emails.make_calendar,
    meeting_emails.make_calendar,
]
PROVED = proof.Rule()


def wire() -> None:
    """Connect everything in the current application; a second call changes nothing."""
    events_bus.install(SUBSCRIPTIONS)
    jobs.install(JOBS)
    proof.BELONGINGS.set(tuple(BELONGINGS))
    mail_proof.RULE.set(PROVED)
    mail.install_generators(GENERATORS)
    registration_queries.DETAILS.set((badge_queries.badge_details,))
    registration_queries.BUSY.set(meeting_queries.are_in_meetings)
    meeting_queries.AGREEMENTS.set(agreement_queries.agreements_of_meetings)
    matching_queries.BOOKED.set(meeting_queries.is_booked)
    talent_journey.JOURNEY.set(journey.find_journey)
    listing_rules.OTHER_WORDS.set(listing_search.other_words)
    listing_queries.NEAR.set(listing_search.near)
    metrics.SOURCES.set((mail_gauges,))
    sealed_columns.install()
