"""What the doctor reads in the rows."""

from fairs.commands import doctor_rows
from fairs.core import clock
from fairs.core import db as database
from tests.cast import make_actor


async def test_doctor_reads_the_rows_that_only_a_person_can_put_right(db: None) -> None:
    assert [(one.verdict, one.subject) for one in await doctor_rows.findings()] == [
        ("ok", "mailboxes"),
        ("ok", "jobs"),
        ("ok", "schedule"),
        ("ok", "counters"),
    ]
    kept = (await make_actor(email="anna@example.org")).account_id
    other = (await make_actor(email="x@example.org")).account_id
    lost = (await make_actor(email="y@example.org")).account_id
    await database.execute("UPDATE account SET email = 'ａnna@example.org' WHERE id = $1", other)
    await database.execute("UPDATE account SET email = 'a..b@example.org' WHERE id = $1", lost)
    await database.execute(
        "INSERT INTO pgqueuer (priority, entrypoint, status, execute_after) VALUES (0, 'mail', 'failed', now())"
    )
    told = [f"{one.verdict} {one.says}" for one in await doctor_rows.findings()]
    assert kept not in (other, lost)
    assert told[:3] == [
        f"note account {other}: another row has the same mailbox; keep one of the two",
        f"note account {lost}: no mail can be delivered to the address; ask for another one",
        "wrong 1 have failed for good and 0 do not end: the log of the worker says why",
    ]
    await database.execute("DELETE FROM pgqueuer WHERE status <> 'failed'")
    await database.execute("UPDATE pgqueuer SET status = 'queued', execute_after = now() - interval '1 hour'")
    waits = [one for one in await doctor_rows.findings() if one.subject == "jobs"]
    assert [(one.verdict, one.says) for one in waits] == [
        ("note", "1 wait, the oldest for 60 minutes: is a worker running?")
    ]


async def test_doctor_names_periodic_jobs_that_failed_or_are_overdue(db: None) -> None:
    clock.start_from("2027-01-05T12:00Z")
    await database.execute(
        "INSERT INTO periodic_run (name, due_at, state, finished_at, error)"
        " VALUES ('upkeep-purge', now(), 'failed', now(), 'RuntimeError: no')"
    )
    await database.execute("INSERT INTO periodic_job (name, since) VALUES ('upkeep-digest', '2027-01-01T00:00Z')")
    told = [f"{one.verdict} {one.says}" for one in await doctor_rows.findings() if one.subject == "schedule"]
    assert told == ["wrong upkeep-purge failed: RuntimeError: no", "note upkeep-digest overdue: is a worker running?"]
