"""Listings of the employers: people and projects."""

from datetime import timedelta

from fairs.demo.content import Listing
from fairs.demo.context import DemoContext
from fairs.demo.employers_and_candidates import CALL, WAITING, city_of
from fairs.listings import services as listing_services
from fairs.listings.forms import FORMS, ListingForm, UrgentForm
from fairs.listings.tables import ListingKind


async def create_listings(stage: DemoContext) -> None:
    """Listings, published if the employer is approved."""
    event = stage.events[stage.content.conference.slug]
    approved = {employer.key for employer in stage.content.employers[: len(stage.content.employers) - WAITING]}
    everything = stage.content.listings
    for number, listing in enumerate(everything):
        if number % 20 == 0:
            stage.progress("listings", number, len(everything))
        with stage.at(stage.moment(CALL) + timedelta(days=20, minutes=47 * number)):
            by = stage.employers[listing.employer]
            listing_id = await listing_services.create_listing(
                _listing_form(stage, listing),
                organisation_id=stage.organisations[listing.employer],
                event_id=event,
                by=by,
                demo=True,
            )
            stage.listings[listing.key] = listing_id
            if listing.urgent:
                answer = UrgentForm(decision="grant", note="属本届急需紧缺人才需求目录")
                await listing_services.decide_urgent(listing_id, answer, by=stage.organiser)
            if listing.employer in approved and number % 29 != 28:  # some stay drafts
                await listing_services.publish_listing(listing_id, by=by)
    stage.progress("listings", len(everything), len(everything))


def _listing_form(stage: DemoContext, listing: Listing) -> ListingForm:
    until = stage.day(listing.valid_to)
    form = FORMS[listing.kind]
    return form(
        title_zh=listing.title_zh,
        title_en=listing.title_en or "",
        description_zh=listing.description_zh,
        description_en=listing.description_en or "",
        discipline=listing.discipline,
        degree=listing.degree,
        engagement=list(listing.engagement),
        city=city_of(listing.unit),
        headcount=listing.headcount or 1,
        pay_min=listing.pay_min if listing.kind == ListingKind.PEOPLE else listing.budget,
        pay_max=listing.pay_max if listing.kind == ListingKind.PEOPLE else listing.budget,
        sponsors_permit=listing.sponsors_permit,
        valid_to=until if until >= stage.now.date() else None,  # stays open, so that the demo can be tried
        urgent_asked=listing.urgent,
        urgent_reason=listing.urgent_reason_zh or "",
    )
