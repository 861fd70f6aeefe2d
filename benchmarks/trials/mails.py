"""A worker that dies while it mails: `python -m benchmarks.trials.mails [--mails 5000] [--kills 20]`.

The mails are queued in one transaction. A real worker process sends them to a real SMTP server on this machine, is killed
(SIGKILL) at a random moment and started anew, again and again. In the end every mail must have arrived and be `sent`; one that
arrived twice must have been taken by the server before the worker died, with the same Message-ID, and is counted.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.trials.failover import free_port


class Sink:
    """Takes every mail and remembers its identifier before it answers."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.lock = threading.Lock()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the name that aiosmtpd calls
        """One mail."""
        head = envelope.content.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
        number = next(line.partition(":")[2].strip() for line in head.splitlines() if line.startswith("Message-ID:"))
        with self.lock:
            self.taken[number] += 1
        return "250 taken"

    @property
    def arrived(self) -> int:
        """How many different mails."""
        with self.lock:
            return len(self.taken)


async def fill(count: int) -> None:
    """So many people whose addresses are proved, and a mail to each."""
    from fairs.core import db
    from fairs.notifications.services import Message, queue_mails

    await db.execute(
        "INSERT INTO account (email, name, lang, timezone, active, created_at, email_confirmed_at) SELECT 'p' || n ||"
        " '@example.org', 'Person ' || n, 'en', 'UTC', true, now(), now() FROM generate_series(1, $1::int) n",
        count,
    )
    variables = {"name": "Zoë"}
    await queue_mails(
        [Message("address_changed", "en", f"p{n}@example.org", variables=variables) for n in range(1, count + 1)]
    )


async def states() -> dict[str, int]:
    """state → how many mails."""
    from fairs.core import db

    rows = await db.fetch("SELECT state, count(*) AS n FROM outgoing_mail GROUP BY state")
    return {row["state"]: row["n"] for row in rows}


async def tried_twice() -> int:
    """Mails that were begun more than once."""
    from fairs.core import db

    return int(await db.fetchval("SELECT count(*) FROM outgoing_mail WHERE attempts > 1"))


def started(data: Path, log: Any) -> "subprocess.Popen[bytes]":
    """A worker on this folder."""
    return subprocess.Popen([sys.executable, "-m", "fairs.cli", "worker", "--data", str(data)], stdout=log, stderr=log)


def run(count: int, kills: int, seed: int) -> None:
    """The whole trial. Raises AssertionError when a mail is lost."""
    from aiosmtpd.controller import Controller

    from fairs.cli import database, load_settings, run_in_database

    chance, sink, port = random.Random(seed), Sink(), free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    os.environ["FAIRS_SMTP_URL"] = f"smtp://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="fairs-mails-") as folder:
        os.chmod(folder, 0o711)
        data = Path(folder) / "data"
        with database(load_settings(data)) as found, (Path(folder) / "worker.log").open("wb") as log:
            run_in_database(found, fill(count))
            began, worker = time.monotonic(), started(data, log)
            for kill in range(1, kills + 1):
                before = sink.arrived
                while sink.arrived == before and before < count:  # it works again
                    time.sleep(0.05)
                time.sleep(chance.uniform(0.05, 1.0))
                worker.send_signal(signal.SIGKILL)
                worker.wait()
                worker = started(data, log)
                print(f"  kill {kill}: {sink.arrived:,} arrived after {time.monotonic() - began:.0f} s", flush=True)
            deadline = time.monotonic() + 900
            while (sent := run_in_database(found, states()).get("sent", 0)) < count and time.monotonic() < deadline:
                print(f"  {sent:,} sent, {sink.arrived:,} arrived after {time.monotonic() - began:.0f} s", flush=True)
                time.sleep(5)
            seconds, left = time.monotonic() - began, run_in_database(found, states())
            again = run_in_database(found, tried_twice())
            worker.send_signal(signal.SIGTERM)
            worker.wait(60)
    controller.stop()
    twice = sum(1 for times in sink.taken.values() if times > 1)
    print(f"{count:,} mails, worker killed {kills} times, {seconds:.0f} s: {sink.arrived:,} arrived, states {left}")
    print(f"begun more than once {again}, of these taken twice by the server {twice}, lost {count - sink.arrived}")
    assert sink.arrived == count, "a mail is lost"
    assert left == {"sent": count}, "a mail is not said to be sent"
    assert twice <= again, "a mail arrived twice though it was begun once"


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    run(given.mails, given.kills, given.seed)


if __name__ == "__main__":
    main()
