"""What the doctor reads in the rows."""

from fairs.commands import doctor_rows
from fairs.core import db as database
from tests.cast import make_actor


async def test_doctor_reads_the_rows_that_only_a_person_can_put_right(db: None) -> None:
    assert [(one.verdict, one.subject) for one in await doctor_rows.findings()] == [
        ("ok", "mailboxes"),
        ("ok", "jobs"),
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
