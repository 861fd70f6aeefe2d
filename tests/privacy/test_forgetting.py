"""The trial: a person of whom everything is held is forgotten, and nothing but what the law keeps can be found."""

from pathlib import Path

import pytest

from fairs.core import db, jobs
from fairs.privacy import forgetting, held
from fairs.privacy.tables import AskedFor
from tests.privacy.dump import mentions
from tests.privacy.person import EMAIL, WORDS, everything

KEPT_BY_LAW = {"agreement_revision", "agreement_signature"}
pytestmark = pytest.mark.usefixtures("db")


async def test_nothing_but_signed_agreements_is_left(tmp_path: Path, dsn: str) -> None:
    who = await everything(tmp_path)
    await jobs.drain(dsn)
    person = await held.person_of(who.actor)
    before = await mentions(*WORDS)
    assert len(before) > 15
    assert before["file store"]
    assert "talent.phone" in before
    empty = [kind.key for kind, entries in await held.held_by(person) if not entries]
    assert set(empty) <= {
        "work_mails",
        "employers",
        "invitations",
        "vectors",
        "merges",
        "tours",
        "exhibits",
        "exhibit_requests",
        "service",
        "groups",
    }
    number = await forgetting.begin(person, AskedFor.PAGE)
    await forgetting.carry_out(await forgetting.id_of(number))
    await jobs.drain(dsn)
    await forgetting.carry_out(await forgetting.id_of(number))
    await jobs.drain(dsn)
    after = await mentions(*WORDS)
    assert set(after) <= KEPT_BY_LAW, after

    receipt = await forgetting.by_number(number)
    assert receipt.state == "done"
    assert who.signed in receipt.kept
    assert who.unsigned not in receipt.kept
    assert await db.fetchval("SELECT count(*) FROM agreement WHERE number = $1", who.unsigned) == 0
    assert EMAIL not in receipt.counts + receipt.kept
