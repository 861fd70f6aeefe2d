"""Accounts, their roles with a scope, invitations, sessions, links, tokens, rate limits, kept forms, stored answers."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.core.checks import listed
from fairs.core.db import DB
from fairs.core.roles import Role
from fairs.core.scopes import Scope
from fairs.units.tables import Unit


class Account(Table, tablename="account", db=DB):
    """A person or system that can sign in. E-mail is stored in lower case."""

    id = BigSerial(primary_key=True)
    email = Varchar(length=254, unique=True)
    name = Varchar(length=200)
    password_hash = Text(null=True, default=None)
    lang = Varchar(length=2, default="en")
    timezone = Varchar(length=64, default="Asia/Shanghai")
    active = Boolean(default=True)
    email_confirmed_at = Timestamptz(null=True, default=None)
    review_since = Timestamptz(null=True, default=None)  # the owner must still keep or discard what was entered before
    closed_at = Timestamptz(null=True, default=None)  # not active and not closed: suspended
    created_at = Timestamptz(default=TimestamptzNow())
    last_sign_in_at = Timestamptz(null=True, default=None)
    search_key = Text(default="")

    ck_account_email_lower = Check("email = lower(email)")
    ck_account_lang = Check("lang IN ('zh', 'en')")


_SCOPE = (
    f"(role = '{Role.BUREAU}' AND unit IS NOT NULL) OR (role = '{Role.EMPLOYER}' AND organisation_id IS NOT NULL)"
    f" OR (role IN ({listed((Role.STAFF, Role.REVIEWER, Role.INTERPRETER))}) AND event_id IS NOT NULL)"
    f" OR role IN ({listed((Role.ADMIN, Role.ORGANISER, Role.CANDIDATE))})"
)


class Membership(Table, tablename="membership", db=DB):
    """A role with its scope. `organisation_id` and `event_id` are keys of higher slices (foreign keys in SQL).

    `limited`: gate staff who work at the gates of `membership_gate` only; otherwise at all gates of the event.
    """

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    role = Varchar(length=12)
    unit = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.restrict)
    organisation_id = BigInt(null=True, default=None, index=True)
    event_id = BigInt(null=True, default=None, index=True)
    created_at = Timestamptz(default=TimestamptzNow())
    limited = Boolean(default=False)

    ck_membership_scope = Check(_SCOPE)


class MembershipGate(Table, tablename="membership_gate", db=DB):
    """A gate where limited staff may work. `gate_id` is a key of a higher slice (foreign key in SQL)."""

    id = BigSerial(primary_key=True)
    membership = ForeignKey(Membership, null=False, on_delete=OnDelete.cascade)
    gate_id = BigInt(index=True)

    uq_membership_gate = Unique([membership, gate_id])


class Invitation(Table, tablename="invitation", db=DB):
    """A role offered to an address. `replaces`: the membership that is handed over when it is accepted."""

    id = BigSerial(primary_key=True)
    email = Varchar(length=254, index=True)
    name = Varchar(length=200, default="")
    lang = Varchar(length=2, default="zh")
    role = Varchar(length=12)
    unit = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    organisation_id = BigInt(null=True, default=None, index=True)
    event_id = BigInt(null=True, default=None, index=True)
    limited = Boolean(default=False)
    replaces = ForeignKey(Membership, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    invited_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    created_at = Timestamptz(default=TimestamptzNow())
    accepted_at = Timestamptz(null=True, default=None)
    accepted_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    withdrawn_at = Timestamptz(null=True, default=None)

    ck_invitation_scope = Check(_SCOPE)
    ck_invitation_lang = Check("lang IN ('zh', 'en')")
    ck_invitation_ended = Check("accepted_at IS NULL OR withdrawn_at IS NULL")


class InvitationGate(Table, tablename="invitation_gate", db=DB):
    """A gate offered to limited staff. `gate_id` is a key of a higher slice (foreign key in SQL)."""

    id = BigSerial(primary_key=True)
    invitation = ForeignKey(Invitation, null=False, on_delete=OnDelete.cascade)
    gate_id = BigInt(index=True)

    uq_invitation_gate = Unique([invitation, gate_id])


class InvitationLink(Table, tablename="invitation_link", db=DB):
    """A one-time link of an invitation, by its hash: one is `mailed`, the other shown to the inviter to pass on."""

    id = BigSerial(primary_key=True)
    token_hash = Bytea(unique=True)
    invitation = ForeignKey(Invitation, null=False, on_delete=OnDelete.cascade, index=True)
    mailed = Boolean(default=False)
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz()
    replaced_at = Timestamptz(null=True, default=None)  # by a newer link


class SignInSession(Table, tablename="sign_in_session", db=DB):
    """A signed-in browser. Only the hash of its cookie is stored."""

    id = BigSerial(primary_key=True)
    token_hash = Bytea(unique=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    created_at = Timestamptz(default=TimestamptzNow())
    last_seen_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz()
    ip = Text(default="")
    user_agent = Text(default="")
    by_link = Boolean(default=False)  # signed in by a mailed link, not by the password
    event_id = BigInt(null=True, default=None)  # the event chosen in the head of the page, key of a higher slice
    proved_at = Timestamptz(null=True, default=None)  # when the person last showed a password or a code in it


class LinkKind(StrEnum):
    """What a mailed link does, once."""

    SIGN_IN = "sign_in"
    CONFIRM = "confirm"
    RESET = "reset"
    ADDRESS = "address"


class SignInLink(Table, tablename="sign_in_link", db=DB):
    """A mailed link that works once. A confirmation may be requested for an `email` that has no account yet.

    `target`: the path where the reader requested it.
    """

    id = BigSerial(primary_key=True)
    token_hash = Bytea(unique=True)
    kind = Varchar(length=12, default=LinkKind.SIGN_IN.value)
    email = Varchar(length=254, default="", index=True)
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.cascade)
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)
    target = Text(default="")

    ck_sign_in_link_kind = Check(
        f"(kind = '{LinkKind.CONFIRM}' AND email <> '')"
        f" OR (kind = '{LinkKind.ADDRESS}' AND email <> '' AND account IS NOT NULL)"
        f" OR (kind IN ({listed((LinkKind.SIGN_IN, LinkKind.RESET))}) AND account IS NOT NULL)"
    )


class ConfirmationCode(Table, tablename="confirmation_code", db=DB):
    """A mailed code that confirms one act (`purpose`) of one account. Only a keyed hash is stored."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)
    purpose = Varchar(length=80)
    code_hash = Bytea()
    tries = SmallInt(default=0)
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz()

    uq_confirmation_code = Unique([account, purpose])


class TokenKind(StrEnum):
    """Whose token it is: an integration's, which acts for an account, or a scanner's at an event."""

    API = "api"
    DEVICE = "device"


class AccessToken(Table, tablename="access_token", db=DB):
    """A bearer token of an integration or of a scanner. `event_id`: it reaches nothing of other events; `limited`: only its DeviceGates."""

    id = BigSerial(primary_key=True)
    kind = Varchar(length=8)
    name = Varchar(length=120)
    token_hash = Bytea(unique=True)
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.cascade)
    event_id = BigInt(null=True, default=None)
    scopes = Array(base_column=Varchar(length=12), default=list)
    created_at = Timestamptz(default=TimestamptzNow())
    last_used_at = Timestamptz(null=True, default=None)
    expires_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    limited = Boolean(default=False)

    ck_access_token_kind = Check(
        f"(kind = '{TokenKind.API}' AND account IS NOT NULL) OR (kind = '{TokenKind.DEVICE}' AND event_id IS NOT NULL)"
    )
    ck_access_token_scopes = Check(f"scopes <@ ARRAY[{listed(Scope)}]::varchar[]")


class DeviceGate(Table, tablename="device_gate", db=DB):
    """A gate where a limited scanner may be used. `gate_id` is a key of a higher slice (foreign key in SQL)."""

    id = BigSerial(primary_key=True)
    token = ForeignKey(AccessToken, null=False, on_delete=OnDelete.cascade)
    gate_id = BigInt(index=True)

    uq_device_gate = Unique([token, gate_id])


class DeviceLink(Table, tablename="device_link", db=DB):
    """A link that makes a phone a scanner, once. Only the hash of its code is stored."""

    id = BigSerial(primary_key=True)
    token = ForeignKey(AccessToken, null=False, on_delete=OnDelete.cascade, index=True)
    code_hash = Bytea(unique=True)
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)


class TwoFactor(Table, tablename="two_factor", db=DB):
    """An account's authenticator app. `confirmed_at` empty: it is being set up. `last_step`: of the last code used."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)
    secret = Text()
    created_at = Timestamptz(default=TimestamptzNow())
    confirmed_at = Timestamptz(null=True, default=None)
    last_step = BigInt(default=0)

    uq_two_factor_account = Unique([account])


class RecoveryCode(Table, tablename="recovery_code", db=DB):
    """A code that replaces the authenticator app or a passkey once. Only its hash is stored."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)
    code_hash = Bytea()
    used_at = Timestamptz(null=True, default=None)

    uq_recovery_code = Unique([account, code_hash])


class Passkey(Table, tablename="passkey", db=DB):
    """A passkey of an account (WebAuthn). `handle`: what authenticators know the account by.

    `rp_id`: the host name for which it was made; it works nowhere else. `stopped_at`: its counter went back.
    """

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    credential_id = Bytea()
    public_key = Bytea()
    sign_count = BigInt(default=0)
    handle = Bytea()
    rp_id = Varchar(length=253)
    transports = Array(base_column=Varchar(length=12), default=list)
    name = Varchar(length=80)
    created_at = Timestamptz(default=TimestamptzNow())
    last_used_at = Timestamptz(null=True, default=None)
    stopped_at = Timestamptz(null=True, default=None)

    uq_passkey_credential = Unique([credential_id])


class PasskeyUse(StrEnum):
    """What a passkey is asked for: adding it, the second step of a sign-in, confirming an act, signing in by it alone."""

    ADD = "add"
    SECOND = "second"
    PRESENCE = "presence"
    ALONE = "alone"


class PasskeyChallenge(Table, tablename="passkey_challenge", db=DB):
    """What a passkey is to sign, once. `bound`: the session or the half sign-in that asked for it, 0 for a stranger."""

    id = BigSerial(primary_key=True)
    challenge_hash = Bytea(unique=True)
    use = Varchar(length=8)
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.cascade, index=True)
    bound = BigInt(default=0)
    handle = Bytea()
    expires_at = Timestamptz()

    ck_passkey_challenge_use = Check(f"use IN ({listed(PasskeyUse)})")


class HalfSignIn(Table, tablename="half_sign_in", db=DB):
    """A sign-in that has shown the first factor and awaits the second. It opens no page. By the hash of its cookie."""

    id = BigSerial(primary_key=True)
    token_hash = Bytea(unique=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    by_link = Boolean(default=False)
    target = Text(default="")
    tries = SmallInt(default=0)
    expires_at = Timestamptz()


class TwoFactorDemand(Table, tablename="two_factor_demand", db=DB):
    """A role whose accounts need a second factor from a day on."""

    id = BigSerial(primary_key=True)
    role = Varchar(length=12, unique=True)
    since = Date()


class RateLimit(Table, tablename="rate_limit", db=DB):
    """Attempts of a key until `ends_at`; `next_at`: when the next attempt without proof of work may be judged."""

    key = Varchar(length=200, primary_key=True)
    hits = Integer(default=0)
    ends_at = Timestamptz(default=TimestamptzNow(), index=True)
    next_at = Timestamptz(null=True, default=None)


class KeptForm(Table, tablename="kept_form", db=DB):
    """Form values kept when a session ended, sealed with a key that only the browser's cookie contains."""

    id = BigSerial(primary_key=True)
    token_hash = Bytea(unique=True)
    browser_hash = Bytea(index=True)
    sealed = Bytea()
    expires_at = Timestamptz(index=True)


class StoredAnswer(Table, tablename="stored_answer", db=DB):
    """The answer to an idempotency key: the same key and body receives it again."""

    id = BigSerial(primary_key=True)
    token = ForeignKey(AccessToken, null=False, on_delete=OnDelete.cascade)
    key = Varchar(length=200)
    body_hash = Bytea()
    status = SmallInt()
    body = JSONB()
    created_at = Timestamptz(default=TimestamptzNow(), index=True)

    uq_stored_answer_token_key = Unique([token, key])
