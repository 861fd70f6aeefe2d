"""The second factor: an authenticator app, recovery codes (passkeys: `passkeys`), and the sign-in that awaits it."""

import secrets
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pyotp

from fairs.accounts import attempts, queries, relying_party
from fairs.accounts.actor import Actor
from fairs.accounts.rows import Factors, HalfSignInRow, SecondRow
from fairs.accounts.sealed import SECOND
from fairs.accounts.tables import HalfSignIn, Passkey, RecoveryCode, TwoFactor
from fairs.audit.services import record
from fairs.core import clock, crypto, db
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import EVENT_ZONE, N_
from fairs.core.rows import execute, fetch_one_as, fetch_value, fetch_value_or_none

STEP = 30  # seconds that a code is shown
SKEW = 1  # steps that a phone's clock may be off
CODES = 10  # recovery codes
HALF_LIFE = timedelta(minutes=10)
HALF_TRIES = 5
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # 32, without l, o, 0 and 1: sixteen of them are 80 bits
WRONG = N_("This code is not right. Type the one that the app shows now; each code works once.")
GONE = N_("This sign-in took too long or had too many wrong codes. Please sign in again.")
ON_ALREADY = N_("The second step is already on.")
NOT_BEGUN = N_("Begin the set-up first.")


def today() -> date:
    """The day that decides whether a demand is in force."""
    return clock.now().astimezone(ZoneInfo(EVENT_ZONE)).date()


def obliged(actor: Actor) -> bool:
    """Whether a role of this account demands a second factor by now."""
    return actor.second_from is not None and actor.second_from <= today()


def lacks(actor: Actor) -> bool:
    """Whether a role of this account demands a second factor that it does not have."""
    return not actor.second and obliged(actor)


async def state(account_id: int) -> SecondRow | None:
    """The account's authenticator app, also one that is being set up."""
    return await fetch_one_as(
        SecondRow,
        "SELECT f.account, f.secret, f.confirmed_at, (SELECT count(*) FROM recovery_code c WHERE c.account = f.account"
        " AND c.used_at IS NULL) AS codes FROM two_factor f WHERE f.account = :account",
        account=account_id,
    )


async def is_on(account_id: int) -> bool:
    """Whether signing in takes a second step."""
    sql = f"SELECT {queries.HAS_SECOND} FROM account a WHERE a.id = :account"  # noqa: S608 - a constant of the code
    return bool(await fetch_value_or_none(bool, sql, account=account_id))


async def factors(account_id: int) -> Factors:
    """What the account may show as second factor at this site."""
    site = relying_party.site()
    found = await fetch_one_as(
        Factors,
        "SELECT EXISTS (SELECT 1 FROM two_factor f WHERE f.account = :account AND f.confirmed_at IS NOT NULL) AS app,"
        " (SELECT count(*) FROM passkey p WHERE p.account = :account AND p.rp_id = :rp_id AND p.stopped_at IS NULL)"
        " AS passkeys, (SELECT count(*) FROM recovery_code c WHERE c.account = :account AND c.used_at IS NULL) AS codes",
        account=account_id,
        rp_id=site.rp_id if site else "",
    )
    assert found is not None
    return found


def secret_of(row: SecondRow) -> str:
    """The secret in plain text, as an app takes it."""
    return crypto.open_text(row.secret, SECOND)


def app_address(row: SecondRow, email: str, issuer: str) -> str:
    """The address in the QR code."""
    return pyotp.TOTP(secret_of(row), interval=STEP).provisioning_uri(name=email, issuer_name=issuer)


async def begin(*, by: Actor) -> None:
    """A new secret for the app; in force only when a code of it was typed. Raises Conflict when it is on."""
    sealed = crypto.seal_text(pyotp.random_base32(), SECOND)
    changed = await execute(
        "INSERT INTO two_factor (account, secret, created_at, last_step) VALUES (:account, :secret, :now, 0)"
        " ON CONFLICT (account) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at, last_step = 0"
        " WHERE two_factor.confirmed_at IS NULL",
        account=by.account_id,
        secret=sealed,
        now=clock.now(),
    )
    if not changed:
        raise Conflict(ON_ALREADY, code="second_on")


async def turn_on(code: str, *, by: Actor) -> list[str]:
    """Put the app in force and end all other sessions; returns the recovery codes, none where a passkey has made them.

    Raises Invalid, Conflict, TooMany.
    """
    assert by.account_id is not None
    row = await state(by.account_id)
    if row is None or row.confirmed_at is not None:
        raise Conflict(ON_ALREADY if row else NOT_BEGUN, code="second_on" if row else "second_not_begun")
    async with attempts.second(by.account_id):
        if not await _of_app(by.account_id, code, in_force=False):
            raise Invalid(fields={"code": [WRONG]})
    async with db.DB.transaction():
        codes, ended = await begin_codes(by)
        await TwoFactor.update(confirmed_at=clock.now()).where(TwoFactor.account == by.account_id)
        await record("two_factor.on", "account", by.account_id, by=by, after={"sessions_ended": ended})
    return codes


async def begin_codes(by: Actor) -> tuple[list[str], int]:
    """Before a factor comes into force, in the caller's transaction: end the account's other sessions.

    Returns the recovery codes, which the first factor makes, and how many sessions ended.
    """
    assert by.account_id is not None
    ended = await execute(
        "DELETE FROM sign_in_session WHERE account = :account AND id IS DISTINCT FROM :kept",
        account=by.account_id,
        kept=by.session_id,
    )
    return ([] if await is_on(by.account_id) else await _new_codes(by.account_id)), ended


async def _new_codes(account_id: int) -> list[str]:
    """Ten new recovery codes in place of the earlier ones, in the caller's transaction."""
    await RecoveryCode.delete().where(RecoveryCode.account == account_id)
    codes = ["-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4)) for _ in range(CODES)]
    rows = [RecoveryCode(account=account_id, code_hash=crypto.hash_token(_bare(code))) for code in codes]
    await RecoveryCode.insert(*rows)
    return codes


async def renew_codes(*, by: Actor) -> list[str]:
    """New recovery codes; the earlier ones no longer work. Raises Conflict when the second step is off."""
    assert by.account_id is not None
    if not await is_on(by.account_id):
        raise Conflict(NOT_BEGUN, code="second_off")
    async with db.DB.transaction():
        codes = await _new_codes(by.account_id)
        await record("two_factor.codes", "account", by.account_id, by=by)
    return codes


async def turn_off(*, by: Actor) -> None:
    """Remove the app; without a passkey, the first factor alone signs in from now on. The caller has confirmed the person."""
    assert by.account_id is not None
    async with db.DB.transaction():
        if await TwoFactor.delete().where(TwoFactor.account == by.account_id).returning(TwoFactor.id):
            await end_codes(by.account_id)
            await record("two_factor.off", "account", by.account_id, by=by)


async def end_codes(account_id: int) -> bool:
    """After a factor was removed, in the caller's transaction: codes go with the last one. Returns whether one is left."""
    left = await is_on(account_id)
    if not left:
        await RecoveryCode.delete().where(RecoveryCode.account == account_id)
    return left


async def remove(account_id: int) -> bool:
    """Delete app, passkeys and recovery codes, in the caller's transaction; returns whether one was in force."""
    was_on = await is_on(account_id)
    await TwoFactor.delete().where(TwoFactor.account == account_id)
    await Passkey.delete().where(Passkey.account == account_id)
    await RecoveryCode.delete().where(RecoveryCode.account == account_id)
    return was_on


def _bare(code: str) -> str:
    return "".join(sign for sign in code.lower() if sign.isalnum())


async def _of_app(account_id: int, code: str, *, in_force: bool = True) -> bool:
    """Whether the app shows this code now, one step before or after. A step is accepted once, and none before it."""
    row = await state(account_id)
    if row is None or (in_force and row.confirmed_at is None):
        return False
    app = pyotp.TOTP(secret_of(row), interval=STEP)
    now, typed = int(clock.now().timestamp()) // STEP, "".join(code.split())
    for step in range(now - SKEW, now + SKEW + 1):
        if crypto.matches(typed, [app.generate_otp(step)]):
            sql = "UPDATE two_factor SET last_step = :step WHERE account = :account AND last_step < :step"
            return await execute(sql, account=account_id, step=step) > 0
    return False


async def _of_recovery(account_id: int, code: str) -> bool:
    """Whether this is an unused recovery code; uses it up."""
    used = await execute(
        "UPDATE recovery_code SET used_at = :now WHERE account = :account AND code_hash = :hash AND used_at IS NULL",
        account=account_id,
        hash=crypto.hash_token(_bare(code)),
        now=clock.now(),
    )
    if used:
        owner = await queries.actor_by_id(account_id)
        assert owner is not None
        await record("two_factor.recovery", "account", account_id, by=owner)
    return used > 0


async def require_code(account_id: int, code: str, *, field: str = "code", proof: str = "") -> None:
    """Check and use up a code of the app in force, or a recovery code. Raises Invalid by field, TooMany."""
    async with attempts.second(account_id, proof):
        if not await is_on(account_id) or not (await _of_app(account_id, code) or await _of_recovery(account_id, code)):
            raise Invalid(fields={field: [WRONG]})


async def codes_left(account_id: int) -> int:
    """How many recovery codes are unused."""
    sql = "SELECT count(*) FROM recovery_code WHERE account = :account AND used_at IS NULL"
    return await fetch_value(int, sql, account=account_id)


# A sign-in between its two steps


async def half(account_id: int, target: str, *, by_link: bool) -> str:
    """The cookie value of a sign-in that has shown the first factor. It is not a session."""
    token = crypto.new_token()
    await HalfSignIn(
        token_hash=crypto.hash_token(token),
        account=account_id,
        by_link=by_link,
        target=target[:1000],
        expires_at=clock.now() + HALF_LIFE,
    ).save()
    return token


_LIVES = "token_hash = :hash AND expires_at > :now AND tries < :most AND EXISTS (SELECT 1 FROM account a WHERE a.id = h.account AND a.active)"


async def half_of(token: str) -> HalfSignInRow | None:
    """The sign-in for which a second factor may still be shown."""
    return await fetch_one_as(
        HalfSignInRow,
        f"SELECT id, account, by_link, target FROM half_sign_in h WHERE {_LIVES}",  # noqa: S608 - constants of the code; values are named arguments
        hash=crypto.hash_token(token),
        now=clock.now(),
        most=HALF_TRIES,
    )


async def tried(token: str) -> HalfSignInRow:
    """The sign-in for which a second factor is about to be checked; counts the try. Raises NotFound when it is over."""
    row = await fetch_one_as(
        HalfSignInRow,
        f"UPDATE half_sign_in h SET tries = tries + 1 WHERE {_LIVES} RETURNING id, account, by_link, target",  # noqa: S608 - constants of the code; values are named arguments
        hash=crypto.hash_token(token),
        now=clock.now(),
        most=HALF_TRIES,
    )
    if row is None:
        raise NotFound(GONE)
    return row


async def complete(row: HalfSignInRow) -> HalfSignInRow:
    """End the sign-in between its steps: it works once. Raises NotFound when another request was first."""
    if not await execute("DELETE FROM half_sign_in WHERE id = :id", id=row.id):
        raise NotFound(GONE)
    return row


async def finish(token: str, code: str, *, proof: str = "") -> HalfSignInRow:
    """The sign-in that this code completes. Raises NotFound when it is over, Invalid, TooMany."""
    row = await tried(token)
    await require_code(row.account, code, proof=proof)
    return await complete(row)
