"""Passkeys (WebAuthn): added to an account, shown as second factor, to confirm an act, or alone to sign in.

What a passkey signs is kept here by its hash and used up by the first answer, right or wrong. The library checks
origin, host and signature; the counter is judged here, because only a signed one says anything.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import webauthn
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, options_to_json
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from fairs.accounts import attempts, emails, queries, rate_limits, relying_party, second
from fairs.accounts.actor import Actor
from fairs.accounts.attempts import Caller
from fairs.accounts.rate_limits import Counter
from fairs.accounts.relying_party import Site
from fairs.accounts.rows import ChallengeRow, HalfSignInRow, PasskeyRow
from fairs.accounts.tables import Account, Passkey, PasskeyChallenge, PasskeyUse
from fairs.audit.services import record
from fairs.core import clock, crypto, db
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_as, fetch_one_as

LIFE = timedelta(minutes=5)
MOST = 10  # passkeys of an account
LONGEST_ID, LONGEST_KEY, LONGEST_ANSWER = 1023, 2048, 40_000
ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
FIELD = "passkey"
WRONG = N_("This passkey was not accepted. Try it again, or go on in another way.")
STOPPED = N_(
    "This passkey counts backwards, as a copy of it would. It no longer works here: sign in in another way, remove it, and add a new one."
)
TAKEN = N_("This passkey is already in use here. Choose another one, or another device.")
FULL = N_("An account has ten passkeys at most. Remove one first.")
LAST = N_("Your role needs a second step, and this is your last one. Add another passkey or an app first.")
_COLUMNS = "id, account, credential_id, public_key, sign_count, handle, rp_id, transports, name, created_at, last_used_at, stopped_at"


def _refused(why: object = WRONG) -> Invalid:
    return Invalid(fields={FIELD: [why]})


async def of_account(account_id: int) -> list[PasskeyRow]:
    """The passkeys of an account, oldest first."""
    sql = f"SELECT {_COLUMNS} FROM passkey WHERE account = :account ORDER BY id"  # noqa: S608 - constants of the code; values are named arguments
    return await fetch_as(PasskeyRow, sql, account=account_id)


# What a browser is told


async def _challenge(use: PasskeyUse, account_id: int | None, bound: int, handle: bytes = b"") -> bytes:
    challenge = secrets.token_bytes(32)
    await PasskeyChallenge(
        challenge_hash=_hash(challenge),
        use=use.value,
        account=account_id,
        bound=bound,
        handle=handle,
        expires_at=clock.now() + LIFE,
    ).save()
    return challenge


def _hash(challenge: bytes) -> bytes:
    return crypto.hash_token(challenge.hex())


def _here() -> Site:
    """Raises Conflict where passkeys do not work."""
    found = relying_party.site()
    if found is None:
        raise Conflict(relying_party.why_not(), code="passkeys_unusable")
    return found


def _told(options: Any) -> dict[str, Any]:
    return dict(json.loads(options_to_json(options)))


def _descriptor(row: PasskeyRow) -> PublicKeyCredentialDescriptor:
    known = {one.value for one in AuthenticatorTransport}
    return PublicKeyCredentialDescriptor(
        id=row.credential_id, transports=[AuthenticatorTransport(one) for one in row.transports if one in known]
    )


async def ask_to_add(*, by: Actor) -> dict[str, Any]:
    """What a browser needs to make a passkey. Raises Conflict where it cannot, or there are too many."""
    assert by.account_id is not None
    here, known = _here(), await of_account(by.account_id)
    if len(known) >= MOST:
        raise Conflict(FULL, code="passkeys_full")
    handle = known[0].handle if known else secrets.token_bytes(32)
    options = webauthn.generate_registration_options(
        rp_id=here.rp_id,
        rp_name=here.rp_id,
        user_id=handle,
        user_name=by.email,
        user_display_name=by.name,
        challenge=await _challenge(PasskeyUse.ADD, by.account_id, by.session_id or 0, handle),
        timeout=int(LIFE.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=[_descriptor(row) for row in known if row.rp_id == here.rp_id],
        supported_pub_key_algs=ALGORITHMS,
    )
    return _told(options)


async def ask(use: PasskeyUse, account_id: int, bound: int) -> dict[str, Any]:
    """What a browser needs to show one of the account's passkeys. Raises Conflict where passkeys do not work."""
    here = _here()
    usable = [row for row in await of_account(account_id) if row.rp_id == here.rp_id and row.stopped_at is None]
    options = webauthn.generate_authentication_options(
        rp_id=here.rp_id,
        challenge=await _challenge(use, account_id, bound),
        timeout=int(LIFE.total_seconds() * 1000),
        allow_credentials=[_descriptor(row) for row in usable],
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return _told(options)


async def ask_alone(caller: Caller) -> dict[str, Any]:
    """The same for somebody who has not said who it is: any passkey that knows its owner. Raises Conflict, TooMany."""
    here = _here()
    await rate_limits.cap([Counter("passkey-site", caller.site, 600, 3600), Counter("passkey-all", "", 6000, 3600)])
    options = webauthn.generate_authentication_options(
        rp_id=here.rp_id,
        challenge=await _challenge(PasskeyUse.ALONE, None, 0),
        timeout=int(LIFE.total_seconds() * 1000),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _told(options)


# What a browser answers


@dataclass(frozen=True)
class _Answer:
    """What a browser sent, the credential that it names, what it says to have signed, whether another site asked for it."""

    given: dict[str, Any]
    credential: bytes
    challenge: bytes
    foreign: bool


def _read(answer: str) -> _Answer:
    """Raises Invalid; the library reads the rest."""
    try:
        if len(answer) > LONGEST_ANSWER:
            raise ValueError("too long")
        given = json.loads(answer)
        client = json.loads(base64url_to_bytes(given["response"]["clientDataJSON"]))
        challenge = base64url_to_bytes(client["challenge"])
        return _Answer(given, base64url_to_bytes(given["rawId"]), challenge, bool(client.get("crossOrigin")))
    except Exception as unreadable:  # whatever a stranger sends as base64 and JSON
        raise _refused() from unreadable


async def _take(use: PasskeyUse, answer: _Answer, account_id: int | None, bound: int) -> ChallengeRow:
    """Use up what was asked for; whose it was is looked at afterwards. Raises Invalid."""
    row = await fetch_one_as(
        ChallengeRow,
        "DELETE FROM passkey_challenge WHERE challenge_hash = :hash AND use = :use AND expires_at > :now"
        " RETURNING account, bound, handle",
        hash=_hash(answer.challenge),
        use=use.value,
        now=clock.now(),
    )
    if row is None or row.account != account_id or row.bound != bound or answer.foreign:
        raise _refused()
    return row


async def add(name: str, answer: str, *, by: Actor) -> list[str]:
    """Keep a new passkey, end all other sessions and tell the owner; returns the recovery codes, if it is the first factor.

    Raises Invalid by field, Conflict.
    """
    assert by.account_id is not None
    here = _here()
    found = _read(answer)
    asked = await _take(PasskeyUse.ADD, found, by.account_id, by.session_id or 0)
    try:
        made = webauthn.verify_registration_response(
            credential=found.given,
            expected_challenge=found.challenge,
            expected_rp_id=here.rp_id,
            expected_origin=here.origin,
            supported_pub_key_algs=ALGORITHMS,
        )
    except Exception as refused:  # the library fails in as many ways as bytes can be wrong
        raise _refused() from refused
    if len(made.credential_id) > LONGEST_ID or len(made.credential_public_key) > LONGEST_KEY:
        raise _refused()
    async with db.DB.transaction():
        await _hold(by.account_id)
        if len(await of_account(by.account_id)) >= MOST:
            raise Conflict(FULL, code="passkeys_full")
        codes, ended = await second.begin_codes(by)
        with db.constraint_errors({"uq_passkey_credential": _refused(TAKEN)}):
            await Passkey(
                account=by.account_id,
                credential_id=made.credential_id,
                public_key=made.credential_public_key,
                sign_count=made.sign_count,
                handle=asked.handle,
                rp_id=here.rp_id,
                transports=_transports(found.given),
                name=name,
                created_at=clock.now(),
            ).save()
        await record("passkey.add", "account", by.account_id, by=by, after={"passkey": name, "sessions_ended": ended})
        await emails.send_told("passkey_added", email=by.email, name=by.name, lang=by.lang, account_id=by.account_id)
    return codes


def _transports(given: dict[str, Any]) -> list[str]:
    known, told = [one.value for one in AuthenticatorTransport], given["response"].get("transports")
    return [one for one in known if isinstance(told, list) and one in told]


async def _hold(account_id: int) -> None:
    await Account.select(Account.id).where(Account.id == account_id).lock_rows("UPDATE")


async def check(use: PasskeyUse, answer: str, account_id: int, bound: int, *, proof: str = "") -> None:
    """Judge a passkey of this account, shown by this session or half sign-in. Raises Invalid, TooMany."""
    async with attempts.second(account_id, proof):
        await _judged(use, answer, account_id, bound, verified=False)


async def sign_in(answer: str) -> int:
    """The account whose passkey was shown, its holder verified by fingerprint, face or PIN. Raises Invalid."""
    row = await _judged(PasskeyUse.ALONE, answer, None, 0, verified=True)
    return row.account


async def finish(token: str, answer: str, *, proof: str = "") -> HalfSignInRow:
    """The sign-in that this passkey completes; it works once. Raises NotFound when it is over, Invalid, TooMany."""
    row = await second.tried(token)
    await check(PasskeyUse.SECOND, answer, row.account, row.id, proof=proof)
    return await second.complete(row)


async def _judged(use: PasskeyUse, answer: str, account_id: int | None, bound: int, *, verified: bool) -> PasskeyRow:
    here = relying_party.site()
    found = _read(answer)
    await _take(use, found, account_id, bound)
    row = await fetch_one_as(
        PasskeyRow,
        f"SELECT {_COLUMNS} FROM passkey p WHERE credential_id = :credential AND rp_id = :rp_id AND (:account::bigint IS NULL"  # noqa: S608 - constants of the code; values are named arguments
        " OR account = :account) AND EXISTS (SELECT 1 FROM account a WHERE a.id = p.account AND a.active)",
        credential=found.credential,
        rp_id=here.rp_id if here else "",
        account=account_id,
    )
    if here is None or row is None or not _same_owner(found.given, row):
        raise _refused()
    try:
        shown = webauthn.verify_authentication_response(
            credential=found.given,
            expected_challenge=found.challenge,
            expected_rp_id=here.rp_id,
            expected_origin=here.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=0,
            require_user_verification=verified,
        )
    except Exception as refused:  # the library fails in as many ways as bytes can be wrong
        raise _refused() from refused
    await _count(row, shown)
    return row


def _same_owner(given: dict[str, Any], row: PasskeyRow) -> bool:
    """Whether the passkey names the owner that it has here; a security key that keeps no owner names none."""
    try:
        told = given["response"].get("userHandle")
        return told is None or base64url_to_bytes(told) == row.handle
    except Exception:  # not base64, or no text at all
        return False


async def _count(row: PasskeyRow, found: VerifiedAuthentication) -> None:
    """Note the use. A counter that does not rise stops the passkey: two devices seem to have it. Raises Invalid."""
    used = await execute(
        "UPDATE passkey SET sign_count = :count, last_used_at = :now WHERE id = :id AND stopped_at IS NULL"
        " AND (sign_count < :count OR (sign_count = 0 AND :count = 0))",
        id=row.id,
        count=found.new_sign_count,
        now=clock.now(),
    )
    if used:
        return
    owner = await queries.actor_by_id(row.account)
    assert owner is not None
    async with db.DB.transaction():
        sql = "UPDATE passkey SET stopped_at = :now WHERE id = :id AND stopped_at IS NULL"
        if await execute(sql, id=row.id, now=clock.now()):
            before = {"passkey": row.name, "counter": row.sign_count}
            after = {"passkey": row.name, "counter": found.new_sign_count}
            await record("passkey.stop", "account", row.account, by=owner, before=before, after=after)
    raise _refused(STOPPED)


async def own(passkey_id: int, *, by: Actor) -> PasskeyRow:
    """A passkey of one's own. Raises NotFound."""
    assert by.account_id is not None
    row = next((one for one in await of_account(by.account_id) if one.id == passkey_id), None)
    if row is None:
        raise NotFound
    return row


async def rename(passkey_id: int, name: str, *, by: Actor) -> None:
    """Give a passkey of one's own another name. Raises NotFound."""
    assert by.account_id is not None
    async with db.DB.transaction():
        await _hold(by.account_id)
        row = await own(passkey_id, by=by)
        if row.name == name:
            return
        await Passkey.update(name=name).where(Passkey.id == row.id)
        before, after = {"passkey": row.name}, {"passkey": name}
        await record("passkey.rename", "account", by.account_id, by=by, before=before, after=after)


async def remove(passkey_id: int, *, by: Actor) -> bool:
    """Remove a passkey of one's own; returns whether a second factor is left. The caller has confirmed the person.

    Raises NotFound, and Conflict when a role demands a second factor and no other one works.
    """
    assert by.account_id is not None
    async with db.DB.transaction():
        await _hold(by.account_id)
        row = await own(passkey_id, by=by)
        await Passkey.delete().where(Passkey.id == row.id)
        if second.obliged(by) and not (await second.factors(by.account_id)).on:
            raise Conflict(LAST, code="last_second")
        left = await second.end_codes(by.account_id)
        await record("passkey.remove", "account", by.account_id, by=by, before={"passkey": row.name})
    return left
