"""The invented people, employers and texts of the demo edition: pure, deterministic, without a database."""

from fairs.demo.content.edition import build
from fairs.demo.content.model import (
    Candidate,
    DemoEdition,
    Employer,
    EventFacts,
    Listing,
    Room,
    Session,
    Stop,
)

__all__ = [
    "Candidate",
    "DemoEdition",
    "Employer",
    "EventFacts",
    "Listing",
    "Room",
    "Session",
    "Stop",
    "build",
]
