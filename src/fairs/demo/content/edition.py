"""Puts the demo edition together."""

from fairs.demo.content import programme
from fairs.demo.content.candidates import make_candidates
from fairs.demo.content.employers import make_employers
from fairs.demo.content.listings import make_listings
from fairs.demo.content.model import DemoEdition


def build(seed: int, scale: int = 1) -> DemoEdition:
    """The same edition for the same seed and scale; scale 1 is about 60 employers, 240 listings, 400 people."""
    employers, scopes = make_employers(seed, scale)
    listings = make_listings(seed, scale, employers, scopes)
    return DemoEdition(
        seed=seed,
        scale=scale,
        conference=programme.event("conference"),
        tour=programme.event("tour"),
        parts=programme.parts(),
        rooms=programme.rooms(),
        sessions=programme.sessions(),
        stops=programme.stops(employers),
        employers=employers,
        listings=listings,
        candidates=make_candidates(seed, scale, listings),
    )
