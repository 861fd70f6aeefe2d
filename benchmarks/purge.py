"""A purge of 10,000 people: their registrations, profiles, mails and scans have expired. Then one person is forgotten.

python -m benchmarks.purge [--people 10000]
"""

import argparse
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from fairs import settings
from fairs.core.embedded import EmbeddedPostgres

LIMIT = 60.0
FILL = (
    "INSERT INTO account (email, name) SELECT 'p' || n || '@example.org', 'Person ' || n FROM generate_series(1, :people) n",
    "INSERT INTO talent (account, email, name_passport, headline, summary, skills, visibility, consent_version, consent_at, updated_at)"
    " SELECT a.id, a.email, a.name, 'Chemistry', repeat('Cathodes. ', 30), '{CT,MRI}', 'employers', '2026-11', now() - interval '5 years',"
    " now() - interval '5 years' FROM account a WHERE a.email LIKE 'p%'",
    "INSERT INTO registration (number, event, talent, registrant, category, state, email, name_passport, search_key)"
    " SELECT 'R' || t.id, :event, t.id, t.account, 'candidate', 'confirmed', t.email, t.name_passport, lower(t.name_passport)"
    " FROM talent t",
    "INSERT INTO outgoing_mail (kind, lang, to_email, account_id, subject, body_text, body_html, state, created_at)"
    " SELECT 'note', 'en', t.email, t.account, 'Your badge', repeat('Dear ' || t.name_passport, 20), '', 'sent', now() - interval '4 years'"
    " FROM talent t, generate_series(1, 3)",
    "INSERT INTO audit_entry (at, actor_account_id, actor_label, action, object_kind, object_id, after)"
    " SELECT now() - interval '4 years', t.account, t.name_passport || ' <' || t.email || '>', 'talent.save', 'talent', t.id::text,"
    ' \'{"state": "confirmed"}\' FROM talent t, generate_series(1, 5)',
    "INSERT INTO scan (uuid, gate, registration, outcome, scanned_at, received_at)"
    " SELECT gen_random_uuid(), :gate, r.id, 'admitted', now() - interval '4 years', now() - interval '4 years'"
    " FROM registration r, generate_series(1, 3)",
)


async def _filled(people: int) -> None:
    from tests import factories

    from fairs.core import clock
    from fairs.core.rows import execute

    ended = clock.now() - timedelta(days=4 * 365)
    event = await factories.event(starts_at=ended - timedelta(hours=8), ends_at=ended)
    gate = await factories.gate(event)
    known: dict[str, Any] = {"people": people, "event": event, "gate": gate}
    for sql in FILL:
        await execute(sql, **{name: value for name, value in known.items() if f":{name}" in sql})


async def measure(people: int) -> int:
    """Print the seconds of the dry run, of the purge and of one deletion; 1 when the purge takes too long."""
    from fairs.core import clock, i18n
    from fairs.privacy import forgetting, held
    from fairs.privacy.tables import AskedFor
    from fairs.upkeep import purge

    i18n.set_lang("en")
    await _filled(people)
    begun = time.perf_counter()
    would = await purge.expired(clock.now())
    dry = time.perf_counter() - begun
    begun = time.perf_counter()
    met = await purge.apply(clock.now())
    seconds = time.perf_counter() - begun
    for one in met:
        if one.number:
            print(f"{one.number:>9,}  {one.rule.what}")
    print(f"dry run {dry:.1f} s ({sum(one.number for one in would):,} rows), purge {seconds:.1f} s of {LIMIT:.0f} s")
    begun = time.perf_counter()
    number = await forgetting.begin(await held.person_at("p1@example.org"), AskedFor.COMMAND)
    await forgetting.carry_out(await forgetting.id_of(number))
    print(f"one person forgotten in {time.perf_counter() - begun:.2f} s")
    return int(seconds > LIMIT)


def main() -> None:
    """In a database of its own."""
    from fairs.commands.runtime.database import bring_up_to_date, run_in_database

    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--people", type=int, default=10_000)
    people = given.parse_args().people
    with tempfile.TemporaryDirectory(prefix="fairs-purge-") as folder:
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
