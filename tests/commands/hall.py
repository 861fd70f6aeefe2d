"""Makes a fair with a gate and badges in the database that FAIRS_DATABASE_URL names: `python -m tests.commands.hall FOLDER`.

A process of its own, so that it reaches the database as the product does. Prints {"device", "api", "codes"}.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path

import fairs.app  # noqa: F401  what happens at a registration is told by the slices
from fairs.accounts.actor import SYSTEM
from fairs.accounts.services import issue_token
from fairs.commands.runtime.database import run_in_database
from fairs.commands.runtime.settings_check import load_settings
from fairs.core import clock, db
from fairs.registrations import services
from fairs.registrations.forms import RegistrationForm
from tests import factories, fair
from tests.cast import make_actor

SLUG, PEOPLE, PLACES = "pooled", 24, 12


async def build() -> dict[str, object]:
    """PEOPLE with a badge, PLACES left."""
    now = clock.now()
    times = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=9)}
    event = await factories.event(slug=SLUG, capacity=PEOPLE + PLACES, **times)
    await factories.gate(event)
    organiser = await make_actor("organiser")
    for number in range(PEOPLE):
        form = RegistrationForm(email=f"guest{number}@example.org", name_passport=f"Maria Fernandez {number}")
        await services.register(event, form, by=SYSTEM)
    return {
        "device": (await fair.scanner(event, "gate"))[0],
        "api": await issue_token("api", "desk", by=SYSTEM, account_id=organiser.account_id),
        "codes": [row["code"] for row in await db.fetch("SELECT code FROM badge ORDER BY id")],
    }


if __name__ == "__main__":
    print(json.dumps(run_in_database(load_settings(Path(sys.argv[1])), build())))
