"""Deletion goes on where it was cut off, is done once however often it runs, and waits for mails that are on their way."""

from dataclasses import replace
from pathlib import Path

import pytest

from fairs.core import db
from fairs.core.errors import Conflict
from fairs.core.personal import Kind, Outcome, Person
from fairs.privacy import forgetting, held
from fairs.privacy.tables import AskedFor
from tests import factories
from tests.cast import make_actor
from tests.privacy.dump import mentions
from tests.privacy.person import EMAIL, WORDS, everything
from tests.privacy.test_forgetting import KEPT_BY_LAW

pytestmark = pytest.mark.usefixtures("db")


class PowerCut(Exception):
    """The machine went away."""


def failing(kind: Kind) -> Kind:
    async def forget(_: Person) -> Outcome:
        raise PowerCut

    return replace(kind, forget=forget)


@pytest.mark.parametrize("cut", ["agreements", "log"])
async def test_run_that_was_cut_off_goes_on(tmp_path: Path, cut: str) -> None:
    who = await everything(tmp_path)
    begun = await forgetting.id_of(await forgetting.begin(await held.person_of(who.actor), AskedFor.PAGE))
    whole = held.KINDS()
    held.KINDS.set(tuple(failing(kind) if kind.key == cut else kind for kind in whole))
    with pytest.raises(PowerCut):
        await forgetting.carry_out(begun)
    held.KINDS.set(whole)
    assert await forgetting.carry_out(begun)
    counts = await db.fetchval("SELECT counts::text FROM forgetting WHERE id = $1", begun)
    assert await forgetting.carry_out(begun), "a second run changes nothing"
    assert await db.fetchval("SELECT counts::text FROM forgetting WHERE id = $1", begun) == counts
    left = set(await mentions(*WORDS)) - {"file store"}  # objects go by jobs of their own
    assert left <= KEPT_BY_LAW


async def test_mails_on_their_way_are_waited_for(tmp_path: Path) -> None:
    who = await everything(tmp_path)
    await db.execute(
        "INSERT INTO outgoing_mail (kind, lang, to_email, subject, body_text, body_html, state)"
        " VALUES ('note', 'en', 'wang@example.org', $1, '', '', 'retry')",
        f"About {EMAIL}",
    )
    number = await forgetting.begin(await held.person_of(who.actor), AskedFor.PAGE)
    begun = await forgetting.id_of(number)
    assert not await forgetting.carry_out(begun)
    assert (await forgetting.by_number(number)).state == "mails"
    assert await db.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'privacy.forget'") == 2
    await db.execute("UPDATE outgoing_mail SET state = 'sent' WHERE state = 'retry'")
    assert await forgetting.carry_out(begun)
    assert set(await mentions(*WORDS)) - {"file store"} <= KEPT_BY_LAW


async def test_namesake_keeps_everything(tmp_path: Path) -> None:
    who = await everything(tmp_path)
    other = await make_actor("candidate", email="other.zuleika@example.org", name="Zuleika Quist-Marlow")
    talent = await factories.talent(account=other.account_id, email=other.email, name_passport=other.name)
    registration = await factories.registration(who.scene.event, email=other.email, name_passport=other.name)
    begun = await forgetting.id_of(await forgetting.begin(await held.person_of(who.actor), AskedFor.PAGE))
    await forgetting.carry_out(begun)
    assert await db.fetchval("SELECT name_passport FROM talent WHERE id = $1", talent) == other.name
    assert await db.fetchval("SELECT name_passport FROM registration WHERE id = $1", registration) == other.name
    assert await db.fetchval("SELECT name FROM account WHERE id = $1", other.account_id) == other.name


async def test_asking_twice_is_refused_and_an_address_without_account_is_enough() -> None:
    event = await factories.event()
    await factories.registration(event, email="guest@example.org", name_passport="Gerda Guest-Person")
    person = await held.person_at("Guest@Example.org")
    assert (person.account, len(person.registrations)) == (None, 1)
    begun = await forgetting.id_of(await forgetting.begin(person, AskedFor.COMMAND))
    assert await forgetting.carry_out(begun)
    assert await mentions("guest@example.org", "Gerda") == {}
    assert not held.is_known(await held.person_at("guest@example.org"))
    alice = await held.person_of(await make_actor())
    await forgetting.begin(alice, AskedFor.PAGE)
    with pytest.raises(Conflict):
        await forgetting.begin(alice, AskedFor.PAGE)
