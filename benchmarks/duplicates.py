"""Finding people registered twice: 20,000 people, of whom 2,000 are there a second time in another spelling.

python -m benchmarks.duplicates
"""

import random
import tempfile
import time
from pathlib import Path

from benchmarks.finding import GIVEN, PLACES, SURNAMES
from fairs import settings
from fairs.core.embedded import EmbeddedPostgres
from fairs.core.search_keys import readings

LIMIT = 5.0

PEOPLE, TWICE = 20_000, 2_000


def _people() -> list[tuple[str, str, str, str, str, str]]:
    """address, name in Latin letters, Chinese name, telephone, employer, country; the last ones again."""
    chance = random.Random(7)
    people = []
    for number in range(PEOPLE - TWICE):
        native = chance.choice(SURNAMES) + "".join(chance.choice(GIVEN) for _ in range(2))
        (surname, rest), *_ = readings(native)
        latin = f"{surname} {''.join(rest)}".title()
        phone = f"+86 138 {number:08d}"
        people.append((f"p{number}@example.org", latin, native, phone, chance.choice(PLACES)[0], "CN"))
    again = []
    for number, (_, latin, native, phone, place, country) in enumerate(chance.sample(people, TWICE)):
        turned = " ".join(reversed(latin.split()))
        spelt = (turned, "") if number % 2 else (latin.upper(), native)
        again.append((f"again{number}@example.net", *spelt, phone.replace(" ", "")[3:], place, country))
    return people + again


async def build() -> None:
    """Half of them with a profile, the others registered at one event."""
    from tests import factories

    from fairs.core import db
    from fairs.registrations import phones
    from fairs.talents import phones as talent_phones

    event = await factories.event()
    people = _people()
    columns = list(zip(*people, strict=True))
    sealed = [talent_phones.seal(phone) for phone in columns[3]]
    await db.execute(
        "INSERT INTO talent (email, name_passport, name_native, phone, current_employer, nationality)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])",
        *(list(column)[: PEOPLE // 2] for column in (*columns[:3], sealed, *columns[4:])),
    )
    sealed = [phones.seal(phone) for phone in columns[3]]
    await db.execute(
        "INSERT INTO registration (number, event, category, state, email, name_passport, name_native, phone, organisation_name,"
        " nationality) SELECT 'D-' || n, $1, 'candidate', 'confirmed', e, l, h, p, o, c FROM unnest($2::text[], $3::text[],"
        " $4::text[], $5::text[], $6::text[], $7::text[]) WITH ORDINALITY AS t (e, l, h, p, o, c, n)",
        event,
        *(list(column)[PEOPLE // 2 :] for column in (*columns[:3], sealed, *columns[4:])),
    )


async def measure() -> int:
    """Print how long the search takes, and how many pairs it finds; 1 when it takes too long."""
    await build()
    slowest = 0.0
    from fairs.duplicates import finding, rules

    for attempt in range(3):
        began = time.perf_counter()
        records = await finding.records()
        read = time.perf_counter()
        found = rules.pairs(records)
        compared = time.perf_counter()
        await finding.store(found)
        ended = time.perf_counter()
        slowest = max(slowest, ended - began)
        print(
            f"{attempt + 1}: {len(records)} records, {len(found)} pairs in {ended - began:.2f} s"
            f" (read {read - began:.2f}, compared {compared - read:.2f}, stored {ended - compared:.2f})"
        )
    return int(slowest > LIMIT)


def main() -> None:
    """In a database of its own."""
    from fairs.commands.runtime.database import bring_up_to_date, run_in_database

    with tempfile.TemporaryDirectory(prefix="fairs-duplicates-") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "data", durable=False) as server:
            found = settings.Settings(
                data_dir=Path(folder) / "data",
                database_url=server.dsn(),
                secret_key="a secret for benchmarks that is long",
            )
            bring_up_to_date(found)
            raise SystemExit(run_in_database(found, measure()))


if __name__ == "__main__":
    main()
