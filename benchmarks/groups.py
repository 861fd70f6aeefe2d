"""A group of 5,000 people from a table: looked at, then stored by the job, with a form of three questions and one pool.

python -m benchmarks.groups [--people 5000]
"""

import argparse
import tempfile
import time
from pathlib import Path
from uuid import uuid4

from fairs import settings
from fairs.core.embedded import EmbeddedPostgres

LIMIT = 20.0
HEAD = (
    "name_native",
    "name_passport",
    "email",
    "phone",
    "category",
    "nationality",
    "organisation",
    "q_hotel",
    "q_diet",
    "q_arrival",
)


def _table(people: int) -> str:
    lines = [
        (
            f"王{n}",
            f"Wang {n}",
            f"p{n}@example.org",
            f"+86 138 {n:08d}",
            "Candidate",
            "China",
            "University",
            "Near",
            "none",
            "2027-10-26",
        )
        for n in range(people)
    ]
    return "\n".join("\t".join(line) for line in (HEAD, *lines))


async def measure(people: int) -> int:
    """Print the seconds of the look and of the job; 1 when both together take too long."""
    from tests import factories
    from tests.cast import make_actor
    from tests.registrations.asking import options, published

    from fairs.core import db, i18n
    from fairs.registrations.groups import services
    from fairs.registrations.groups.columns import sheet_of
    from fairs.registrations.groups.forms import GroupForm
    from fairs.registrations.groups.rights import event_to_group

    i18n.set_lang("en")
    organiser = await make_actor("organiser", email="org@example.org", name="Org")
    await factories.event(slug="fair", capacity=people)
    hotel = {"key": "hotel", "kind": "choice", "options": options("near", "far", near=people), "required": True}
    await published(hotel, {"key": "diet"}, {"key": "arrival", "kind": "date"})
    event, right = await event_to_group(organiser, "fair")
    table = (await sheet_of(event, right)).read_text(_table(people))
    begun = time.perf_counter()
    await services.look("fair", table, by=organiser)
    looked = time.perf_counter() - begun
    assert not table.errors, table.errors[:3]
    begun, cpu = time.perf_counter(), time.process_time()
    await services.begin("fair", table, GroupForm(name="Many", told=True), key=uuid4(), by=organiser)
    asked = time.perf_counter() - begun
    begun = time.perf_counter()
    await services.work({"run": await db.fetchval("SELECT id FROM registration_group_run")})
    stored = time.perf_counter() - begun
    cpu = time.process_time() - cpu
    assert await db.fetchval("SELECT count(*) FROM badge") == people
    print(
        f"{people:,} people: looked at in {looked:.1f} s, given in in {asked:.1f} s, stored in {stored:.1f} s ({cpu:.1f} s of the processor for both) of {LIMIT:.0f} s"
    )
    return int(asked + stored > LIMIT)


def main() -> None:
    """In a database of its own."""
    from fairs.commands.runtime.database import bring_up_to_date, run_in_database

    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--people", type=int, default=5000)
    people = given.parse_args().people
    with tempfile.TemporaryDirectory(prefix="fairs-groups-") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "data", durable=False) as server:
            found = settings.Settings(
                data_dir=Path(folder) / "data",
                database_url=server.dsn(),
                secret_key="a secret for benchmarks that is long",
            )
            bring_up_to_date(found)
            raise SystemExit(run_in_database(found, measure(people)))


if __name__ == "__main__":
    main()
