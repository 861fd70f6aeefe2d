"""Which attempts are counted against guessing, flooding and mass sign-up, and how many are free.

Attempts by a browser that has signed in to the account before have their own count. Attempts by unknown browsers are
counted per address and network, per address, per site (one public IP of a hall) and per installation: a caller over
one limit pays (`rate_limits`); no count locks anyone out. Successes do not count.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fairs.accounts import known_browsers, rate_limits
from fairs.accounts.rate_limits import Counter
from fairs.accounts.rows import Credential
from fairs.core.errors import DomainError, Invalid, TooMany
from fairs.core.services import Service
from fairs.web import addresses

QUARTER, HOUR, DAY = 900, 3600, 86_400  # seconds


@dataclass(frozen=True)
class Caller:
    """Source of an attempt: the client's address, the value of the known-browser cookie, a proof of work."""

    ip: str = ""
    browser: str = ""
    proof: str = ""

    @property
    def network(self) -> str:
        return addresses.network(self.ip)

    @property
    def site(self) -> str:
        return addresses.site(self.ip)


_busy: Service[dict[str, list[Any]]] = Service(
    lambda: defaultdict(lambda: [asyncio.Lock(), 0])
)  # key → lock, number of tasks that hold or await it


@asynccontextmanager
async def _in_turn(key: str) -> AsyncIterator[None]:
    """Run one at a time per key in this process, so that parallel correct passwords do not count as guesses."""
    busy = _busy()
    entry = busy[key]
    entry[1] += 1
    try:
        async with entry[0]:
            yield
    finally:
        entry[1] -= 1
        if not entry[1]:
            busy.pop(key, None)


@asynccontextmanager
async def password(email: str, account: Credential | None, caller: Caller) -> AsyncIterator[None]:
    """Wrap the check of a password: a refusal inside counts, a success does not. Raises TooMany instead of checking."""
    browser = known_browsers.recognised(caller.browser, account)
    if browser and account:
        counted, failures = [Counter("password-browser", f"{browser} {account.id}", 10, QUARTER)], []
    else:
        counted = [
            Counter("password-network", f"{email} {caller.network}", 10, QUARTER),
            Counter("password-address", email, 60, DAY),
        ]
        failures = [Counter("password-site", caller.site, 300, HOUR), Counter("password-all", "", 3000, HOUR)]
    async with _in_turn(counted[0].key):
        await _admit(counted, failures, caller.proof)
        try:
            yield
        except DomainError:
            if failures:
                await rate_limits.count(failures)
            raise
        except BaseException:
            await rate_limits.give_back(counted)  # cancelled, not judged
            raise
        await rate_limits.give_back(counted)


@asynccontextmanager
async def second(account_id: int, proof: str = "") -> AsyncIterator[None]:
    """Wrap the check of a second factor: whoever tries knows the password, so a day's tries have an end. Raises TooMany."""
    subject = str(account_id)
    tries, day = Counter("second-factor", subject, 10, QUARTER), Counter("second-factor-day", subject, 100, DAY)
    async with _in_turn(tries.key):
        await rate_limits.cap([day])
        await _admit([tries], (), proof)
        try:
            yield
        except DomainError:
            raise
        except BaseException:
            await rate_limits.give_back([tries, day])  # cancelled, not judged
            raise
        await rate_limits.give_back([tries, day])


async def _admit(counted: Sequence[Counter], failures: Sequence[Counter], proof: str) -> None:
    counts = [*await rate_limits.count(counted), *(await rate_limits.peek(failures) if failures else ())]
    try:
        await rate_limits.pay(counts, proof)
    except (TooMany, asyncio.CancelledError):
        await rate_limits.give_back(counted)
        raise


async def link(email: str, account: Credential | None, caller: Caller) -> None:
    """Count before a link is mailed. Raises TooMany."""
    browser = known_browsers.recognised(caller.browser, account)
    if browser and account:
        counters = [Counter("link-browser", f"{browser} {account.id}", 5, HOUR)]
    else:
        counters = [
            Counter("link-network", f"{email} {caller.network}", 5, HOUR),
            Counter("link-site", caller.site, 600, HOUR),
            Counter("link-all", "", 6000, HOUR),
        ]
    await _admit(counters, (), caller.proof)


@asynccontextmanager
async def new_account(caller: Caller, *, name: str = "sign-up") -> AsyncIterator[None]:
    """Wrap the creation of an account: hundreds from one hall pass, thousands pay. Raises TooMany.

    A refusal inside reveals that an address has an account, so refusals have a smaller count of their own.
    """
    counters = [Counter(f"{name}-site", caller.site, 600, HOUR), Counter(f"{name}-all", "", 3000, HOUR)]
    taken = [Counter("address-taken", caller.site, 60, HOUR)]
    await _admit(counters, taken, caller.proof)
    try:
        yield
    except Invalid:
        await rate_limits.count(taken)
        raise


@asynccontextmanager
async def evenly(seconds: float) -> AsyncIterator[None]:
    """Make the block last at least this long, so that its duration reveals nothing."""
    ends = asyncio.get_running_loop().time() + seconds
    try:
        yield
    finally:
        await asyncio.sleep(max(0.0, ends - asyncio.get_running_loop().time()))
