"""Guessing, flooding and opening accounts by the thousand become expensive; no owner and no hall is locked out."""

import asyncio
import hashlib
import itertools
from datetime import timedelta

import pytest

from fairs.accounts import attempts, known_browsers, links, passwords, proofs, queries, rate_limits, services
from fairs.accounts.attempts import Caller
from fairs.accounts.forms import SignInForm, SignUpForm
from fairs.accounts.rate_limits import Counter
from fairs.accounts.rows import Credential
from fairs.core import clock, crypto
from fairs.core.db import execute, fetch, fetchval
from fairs.core.errors import Invalid, TooMany

PASSWORD = "correct horse battery"
OWNER = "owner@example.org"
STRANGER = Caller("198.51.100.7")


@pytest.fixture
async def owner(db: None) -> int:
    return await services.create_account(email=OWNER, name="Owner", lang="en", password=PASSWORD)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits inside the request: what would be held is refused."""
    monkeypatch.setattr(rate_limits, "HOLD", 0)


async def sign_in(caller: Caller, password: str = PASSWORD, email: str = OWNER) -> int:
    return await services.sign_in(SignInForm(email=email, password=password), caller=caller)


async def guess(caller: Caller, times: int, email: str = OWNER) -> list[str]:
    """What each of so many wrong passwords, one after the other, is answered."""
    answers = []
    for _ in range(times):
        with pytest.raises((Invalid, TooMany)) as refused:
            await sign_in(caller, "wrong wrong", email)
        answers.append(refused.typename)
    return answers


def solve(challenge: str) -> str:
    number = 0
    while not proofs.solves(f"{challenge}~{number}", proofs.bits_of(challenge)):
        number += 1
    return f"{challenge}~{number}"


async def known(account_id: int, cookie: str = "") -> str:
    account = await queries.account_by_id(account_id)
    assert account is not None
    return known_browsers.remember(cookie, account)


async def test_stranger_is_limited_and_the_owner_passes_from_elsewhere(owner: int) -> None:
    assert await guess(STRANGER, 13) == ["Invalid"] * 10 + ["TooMany"] * 3
    assert await guess(Caller("198.51.100.200"), 1) == ["TooMany"], "the same network"
    with pytest.raises(TooMany):
        await sign_in(STRANGER)  # the right password is not tried either: no answer tells
    assert await sign_in(Caller("203.0.113.9")) == owner


async def test_owner_passes_in_the_strangers_network_with_a_known_browser(owner: int) -> None:
    browser = await known(owner)
    await guess(STRANGER, 12)
    assert await sign_in(Caller(STRANGER.ip, browser=browser)) == owner
    assert await guess(STRANGER, 1) == ["TooMany"], "the owner's success frees nobody else"


async def test_known_browser_has_a_count_of_its_own(owner: int) -> None:
    thief = Caller("192.0.2.1", browser=await known(owner))
    assert await guess(thief, 12) == ["Invalid"] * 10 + ["TooMany"] * 2
    other = Caller("192.0.2.1", browser=await known(owner))
    assert await sign_in(other) == owner


async def test_browser_is_known_for_its_own_accounts_and_passwords_only(owner: int) -> None:
    mallory = await services.create_account(email="m@example.org", name="M", lang="en", password=PASSWORD)
    cookie = await known(mallory)
    account = await queries.account_by_email(OWNER)
    assert known_browsers.recognised(cookie, account) == ""
    assert known_browsers.recognised(cookie + "x", await queries.account_by_email("m@example.org")) == ""
    both = await known(owner, cookie)
    assert known_browsers.recognised(both, account) == known_browsers.recognised(
        cookie, await queries.account_by_email("m@example.org")
    )
    await execute("UPDATE account SET password_hash = 'another' WHERE id = $1", owner)
    assert known_browsers.recognised(both, await queries.account_by_email(OWNER)) == ""


async def test_known_browser_is_forgotten_in_time(owner: int, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = await known(owner)
    later = clock.now() + known_browsers.LIFE + timedelta(seconds=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert known_browsers.recognised(cookie, await queries.account_by_email(OWNER)) == ""


async def test_cookie_of_a_known_browser_stays_small(owner: int) -> None:
    cookie = ""
    for number in range(20):
        cookie = known_browsers.remember(cookie, Credential(number, "x"))
    assert len(cookie) < 600
    assert known_browsers.recognised(cookie, Credential(19, "x"))
    assert not known_browsers.recognised(cookie, Credential(11, "x"))


@pytest.mark.parametrize("passwords_sent", ["wrong", "right"])
async def test_fifty_at_once(owner: int, passwords_sent: str) -> None:
    """Of wrong ones exactly ten are judged; of right ones none counts."""
    password = PASSWORD if passwords_sent == "right" else "wrong wrong"
    found = await asyncio.gather(*(sign_in(STRANGER, password) for _ in range(50)), return_exceptions=True)
    kinds = [type(answer).__name__ for answer in found]
    if passwords_sent == "right":
        assert kinds == ["int"] * 50
        assert await fetchval("SELECT coalesce(max(hits), 0) FROM rate_limit") == 0
    else:
        assert (kinds.count("Invalid"), kinds.count("TooMany")) == (10, 40)
    assert not attempts._busy()


async def test_fifty_at_once_over_processes_are_counted_exactly(owner: int) -> None:
    """What the database lets through does not depend on the order within one process."""
    counter = Counter("x", "y", 10, 900)
    counts = [
        found for many in await asyncio.gather(*(rate_limits.count([counter]) for _ in range(50))) for found in many
    ]
    assert sorted(found.hits for found in counts) == list(range(1, 51))
    assert sum(found.steps == 0 for found in counts) == 10


async def test_many_networks_against_one_address_pay(owner: int) -> None:
    """A net of machines gets sixty free tries a day for an address, then each costs work; the owner's browser does not."""
    answers = []
    for number in range(9):
        answers += await guess(Caller(f"10.0.{number}.1"), 8)
    assert answers.count("Invalid") == 60
    browser = await known(owner)
    assert await sign_in(Caller("203.0.113.9", browser=browser)) == owner
    with pytest.raises(TooMany) as refused:
        await sign_in(Caller("203.0.113.9"))
    proof = solve(refused.value.challenge)
    assert await sign_in(Caller("203.0.113.9", proof=proof)) == owner


async def test_many_addresses_from_one_network_pay(db: None) -> None:
    await rate_limits.count([Counter("password-site", STRANGER.site, 300, 3600)])
    await execute("UPDATE rate_limit SET hits = 299")
    assert await guess(STRANGER, 1, "a@example.org") == ["Invalid"]
    assert await guess(STRANGER, 1, "b@example.org") == ["TooMany"]
    assert await guess(Caller("203.0.113.1"), 1, "b@example.org") == ["Invalid"]


async def test_work_grows_until_ten_thousand_tries_cost_hours(db: None) -> None:
    steps = [max(0, number - 10) for number in range(1, 10_001)]
    bits = [rate_limits.work(step) for step in steps]
    assert bits[:10] == [0] * 10
    assert bits == sorted(bits)
    assert (bits[10], bits[-1]) == (18, rate_limits.MOST_WORK)
    hashes = sum(2**found for found in bits if found)
    assert hashes > 1e11
    waits = sum(rate_limits.interval(step) for step in steps)
    assert waits > 6 * 86_400
    started = asyncio.get_running_loop().time()
    for number in range(20_000):
        hashlib.sha256(b"%d" % number).digest()
    assert (asyncio.get_running_loop().time() - started) / 20_000 * hashes > 3600 * 2  # of this machine's Python


async def test_proof_is_good_once_in_time_and_for_its_bits(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = solve(proofs.challenge(8))
    assert not await proofs.accept(proof, 8 + proofs.SLACK + 1)
    assert await proofs.accept(proof, 8 + proofs.SLACK)
    assert not await proofs.accept(proof, 8)
    late = solve(proofs.challenge(8))
    now = clock.now() + timedelta(seconds=proofs.LIFE + 2)
    monkeypatch.setattr(clock, "now", lambda: now)
    assert not await proofs.accept(late, 8)


@pytest.mark.parametrize(
    "proof",
    ["", "~", "x~1", "none", "a.b~0", "中~1", "x" * 5000, f"{'x' * 40}.{'y' * 22}~1", "\0~1", "~~~", "a~-1", "a~²"],
)
async def test_odd_proofs_prove_nothing(db: None, proof: str) -> None:
    assert not await proofs.accept(proof, 1)


async def test_unsolved_challenge_proves_nothing(db: None) -> None:
    challenge = proofs.challenge(20)
    wrong = [f"{challenge}~{number}" for number in range(5) if not proofs.solves(f"{challenge}~{number}", 20)]
    assert [await proofs.accept(proof, 20) for proof in wrong] == [False] * len(wrong)
    forged = crypto.sign("1|0|aa", "another purpose")
    assert not await proofs.accept(solve(forged) if proofs.bits_of(forged) else f"{forged}~1", 1)


async def test_without_script_one_waits_inside_the_request(owner: int, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    await guess(STRANGER, 10)
    monkeypatch.setattr(rate_limits, "HOLD", 8)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    assert await sign_in(STRANGER) == owner
    assert 0 < max(slept) <= 8


async def test_without_script_the_turn_comes_when_it_was_said(owner: int, monkeypatch: pytest.MonkeyPatch) -> None:
    await guess(STRANGER, 10)
    await execute("UPDATE rate_limit SET hits = hits + 20")
    with pytest.raises(TooMany) as refused:
        await sign_in(STRANGER)
    assert 30 <= refused.value.retry_after <= rate_limits.LONGEST
    later = clock.now() + timedelta(seconds=refused.value.retry_after)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert await sign_in(STRANGER) == owner


async def test_waiting_turns_are_given_one_at_a_time(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "HOLD", 8)
    counter = Counter("x", "y", 1, 900)
    await rate_limits.count([counter])
    counts = await rate_limits.count([counter])
    waits = sorted(await asyncio.gather(*(rate_limits._reserve(counts[0]) for _ in range(30))))
    taken = [wait for wait in waits if wait <= 8]
    assert len(taken) < 8
    assert all(later - sooner > 1 for sooner, later in itertools.pairwise(taken))


async def test_answer_is_the_same_for_an_address_without_an_account(owner: int) -> None:
    for email in (OWNER, "nobody@example.org"):
        assert await guess(STRANGER, 12, email) == ["Invalid"] * 10 + ["TooMany"] * 2


async def test_as_much_is_hashed_for_an_address_without_an_account(owner: int, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[bool] = []
    genuine = passwords._verify

    def counting(stored: str | None, password: str) -> bool:
        hashed.append(stored is not None)
        return genuine(stored, password)

    monkeypatch.setattr(passwords, "_verify", counting)
    await guess(STRANGER, 12)
    await guess(STRANGER, 12, "nobody@example.org")
    assert hashed == [True] * 10 + [False] * 10


async def test_hall_of_hundreds_signs_up_in_minutes(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async def quickly(password: str) -> str:
        return "hashed"

    monkeypatch.setattr(passwords, "hash_password", quickly)
    hall = Caller("203.0.113.50")

    async def one(number: int) -> int:
        form = SignUpForm(name=f"Person {number}", email=f"p{number}@example.org", password=PASSWORD)
        return await services.sign_up(form, caller=hall)

    for start in range(0, 300, 25):
        await asyncio.gather(*(one(number) for number in range(start, start + 25)))
    assert await fetchval("SELECT count(*) FROM account") == 300
    await execute("UPDATE rate_limit SET hits = 601 WHERE key LIKE 'sign-up-site:%'")
    with pytest.raises(TooMany) as refused:
        await one(301)
    proof = solve(refused.value.challenge)
    form = SignUpForm(name="Person", email="p301@example.org", password=PASSWORD)
    assert await services.sign_up(form, caller=Caller(hall.ip, proof=proof))
    assert await services.sign_up(
        SignUpForm(name="P", email="p302@example.org", password=PASSWORD), caller=Caller("192.0.2.77")
    )


async def test_asking_who_has_an_account_is_limited(owner: int) -> None:
    form = SignUpForm(name="Owner", email=OWNER, password=PASSWORD)
    await rate_limits.count([Counter("address-taken", STRANGER.site, 60, 3600)])
    await execute("UPDATE rate_limit SET hits = 59")
    with pytest.raises(Invalid):
        await services.sign_up(form, caller=STRANGER)
    with pytest.raises(TooMany):
        await services.sign_up(form, caller=STRANGER)


async def test_flood_of_links_ends_and_the_owner_has_one(owner: int) -> None:
    for number in range(30):
        await services.request_link(OWNER, caller=Caller(f"10.{number}.0.1"))
    assert await fetchval("SELECT count(*) FROM outgoing_mail") == 5
    await services.request_link(OWNER, caller=Caller("203.0.113.1"))
    good = "SELECT count(*) FROM sign_in_link WHERE used_at IS NULL AND expires_at > $1"
    assert await fetchval(good, clock.now() + links.SPARE) > 0


async def test_owner_gets_a_link_when_those_of_the_flood_run_out(owner: int) -> None:
    for number in range(6):
        await services.request_link(OWNER, caller=Caller(f"10.{number}.0.1"))
    await execute("UPDATE sign_in_link SET expires_at = $1", clock.now() + links.SPARE - timedelta(minutes=1))
    await services.request_link(OWNER, caller=Caller("203.0.113.1"))
    assert await fetchval("SELECT count(*) FROM outgoing_mail") == 6


async def test_owner_gets_a_link_when_those_of_the_flood_are_used(owner: int) -> None:
    for number in range(6):
        await services.request_link(OWNER, caller=Caller(f"10.{number}.0.1"))
    await execute("UPDATE sign_in_link SET used_at = $1", clock.now())
    await services.request_link(OWNER, caller=Caller("203.0.113.1"))
    assert await fetchval("SELECT count(*) FROM outgoing_mail") == 6


async def test_links_at_once_are_counted_exactly(owner: int) -> None:
    await asyncio.gather(*(services.request_link(OWNER, caller=Caller(f"10.{number}.0.1")) for number in range(20)))
    assert await fetchval("SELECT count(*) FROM outgoing_mail") == 5


async def test_one_network_pays_for_more_links(owner: int) -> None:
    for _ in range(5):
        await services.request_link(OWNER, caller=STRANGER)
    with pytest.raises(TooMany) as refused:
        await services.request_link(OWNER, caller=STRANGER)
    assert refused.value.challenge


async def test_link_is_answered_as_slowly_for_nobody(owner: int) -> None:
    loop = asyncio.get_running_loop()
    for email in (OWNER, "nobody@example.org"):
        started = loop.time()
        await services.request_link(email, caller=STRANGER)
        assert loop.time() - started >= links.ANSWER


async def test_keys_show_neither_address_nor_origin_and_are_short(owner: int) -> None:
    email = f"{'x' * 64}@{'y' * 180}.example"
    await guess(Caller("198.51.100.7"), 1, email)
    await services.request_link(email, caller=Caller("2001:db8::1"))
    keys = [row["key"] for row in await fetch("SELECT key FROM rate_limit")]
    assert len(keys) >= 7
    assert all(len(key) < 60 and "@" not in key and "198" not in key and "2001" not in key for key in keys)


async def test_count_begins_afresh_after_its_time(owner: int, monkeypatch: pytest.MonkeyPatch) -> None:
    await guess(STRANGER, 11)
    later = clock.now() + timedelta(seconds=901)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert await guess(STRANGER, 1) == ["Invalid"]


async def test_attempt_broken_off_is_not_counted(owner: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(stored: str | None, password: str) -> bool:
        raise ConnectionError

    monkeypatch.setattr(passwords, "verify_password", broken)
    with pytest.raises(ConnectionError):
        await sign_in(STRANGER)
    assert await fetchval("SELECT max(hits) FROM rate_limit") == 0
