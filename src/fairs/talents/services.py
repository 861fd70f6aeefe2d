"""Writing profiles: by the person, by a registration, by the demo."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from fairs.accounts.actor import SYSTEM, Actor
from fairs.audit.services import record
from fairs.core import clock, db, jobs, versions
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_
from fairs.core.mailboxes import normal
from fairs.talents import consents, keys, phones, rules
from fairs.talents.forms import ProfileForm, stored_profile
from fairs.talents.tables import Visibility

ENCODE = "matching.encode_talent"
Hook = Callable[[int], Awaitable[object]]
ON_OPENED: list[Hook] = []  # run with the account's id, in the transaction that gives it a profile: registrations join
CONSENT_NEEDED = N_("To show your profile to employers, please read the notice and agree to it")
CONFIRM_FIRST = N_(
    "Somebody registered you with this address before. Ask for a sign-in link by e-mail: it shows that the address is yours,"
    " and you find your data here."
)


async def save_profile(form: ProfileForm, *, by: Actor, seen: str = "") -> int:
    """The actor's own profile, made on first use; its id. Raises Invalid for a missing consent, Conflict, and Outdated
    when it was changed since the version `seen`."""
    assert by.account_id is not None
    async with db.transaction_or_join():
        stored = await db.fetchrow("SELECT * FROM talent WHERE account = $1 FOR UPDATE", by.account_id)
        if stored is not None:
            versions.require_current(form, stored_profile(phones.opened(stored)), seen)
        row = await _own_row(form, by)
        await _write(row, form, by=by)
    return int(row["id"])


async def import_talent(
    form: ProfileForm,
    *,
    email: str,
    account_id: int | None = None,
    unit_id: int | None = None,
    demo: bool = False,
    by: Actor = SYSTEM,
) -> int:
    """A profile from another source; giving the same address twice updates it. `form.consent` must be true to show it."""
    async with db.transaction_or_join():
        talent_id, _ = await _ensure_row(normal(email), form.name_passport, account_id=account_id)
        await db.execute(
            "UPDATE talent SET unit = coalesce($2, unit), demo = $3, account = coalesce(account, $4) WHERE id = $1",
            talent_id,
            unit_id,
            demo,
            account_id,
        )
        await _write(await _locked(talent_id), form, by=by)
        if account_id is not None:
            await _opened(account_id)
    return talent_id


async def ensure_talent(
    *,
    email: str,
    name_passport: str,
    name_native: str = "",
    nationality: str = "",
    phone: str = "",
    current_employer: str = "",
    by: Actor = SYSTEM,
) -> int:
    """The profile of an address, made when there is none; safe under any concurrency.

    A profile that somebody keeps is left alone; one that nobody has opened yet only has its gaps filled. It is linked to
    the account of the address when that account acts itself, or has proved that the address is its own.
    """
    address = normal(email)
    gaps = (name_native, nationality, phones.seal(phone), current_employer)
    async with db.transaction_or_join():
        acting = by.account_id if by.email == address else None
        talent_id, added = await _ensure_row(address, name_passport, account_id=acting)
        filled = await db.execute(
            "UPDATE talent SET name_native = coalesce(nullif(name_native, ''), $2),"
            " nationality = coalesce(nullif(nationality, ''), $3), phone = coalesce(nullif(phone, ''), $4),"
            " current_employer = coalesce(nullif(current_employer, ''), $5), search_key = $6, updated_at = $7"
            " WHERE id = $1 AND (account IS NULL OR $8) AND ((name_native = '' AND $2 <> '')"
            " OR (nationality = '' AND $3 <> '') OR (phone = '' AND $4 <> '') OR (current_employer = '' AND $5 <> ''))",
            talent_id,
            *gaps,
            keys.key(
                {"name_passport": name_passport, "name_native": name_native, "current_employer": current_employer}
            ),
            clock.now(),
            added,
        )
        if added:
            await record("talent.create", "talent", talent_id, by=by, after={"email": address})
            holder = await db.fetchval("SELECT account FROM talent WHERE id = $1", talent_id)
            if holder is not None:
                await _opened(int(holder))
        if added or filled:
            await encode(talent_id)
    return talent_id


async def withdraw_consent(*, by: Actor) -> None:
    """Hide the actor's profile at once and forget the consent; what was agreed before stays in the audit log."""
    async with db.transaction_or_join():
        row = await db.fetchrow("SELECT * FROM talent WHERE account = $1 FOR UPDATE", by.account_id)
        if row is None or row["visibility"] == Visibility.PRIVATE:
            return
        await db.execute(
            "UPDATE talent SET visibility = $2, consent_version = '', consent_at = NULL, updated_at = $3 WHERE id = $1",
            row["id"],
            Visibility.PRIVATE.value,
            clock.now(),
        )
        await _record_withdrawal(row, by)
        await encode(row["id"])


async def _ensure_row(address: str, name: str, *, account_id: int | None) -> tuple[int, bool]:
    """(id, whether it is new) of the profile of an address. Two callers at once get the same row."""
    now = clock.now()
    # The account's key would be violated before the address's conflict is seen: callers of one address go in turn.
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"talent:{address}")
    row = await db.fetchrow(
        "INSERT INTO talent AS t (email, name_passport, account, search_key, created_at, updated_at)"
        " SELECT $1::varchar, $2::varchar, (SELECT a.id FROM account a WHERE a.email = $1"
        " AND (a.id = $3 OR a.email_confirmed_at IS NOT NULL) AND NOT EXISTS"
        " (SELECT 1 FROM talent o WHERE o.account = a.id)), $4::text, $5::timestamptz, $5::timestamptz"
        " ON CONFLICT (email) DO UPDATE SET account = coalesce(t.account, (SELECT a.id FROM account a"
        " WHERE a.email = $1 AND a.email_confirmed_at IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM talent o WHERE o.account = a.id)))"
        " RETURNING t.id, (t.xmax = 0) AS added",
        address,
        name,
        account_id,
        keys.key({"name_passport": name}),
        now,
    )
    assert row is not None
    return int(row["id"]), bool(row["added"])


async def _own_row(form: ProfileForm, by: Actor) -> asyncpg.Record:
    """The actor's row, locked. An unopened one of the same address is taken over only by a proved address."""
    found = await db.fetchval("SELECT id FROM talent WHERE account = $1", by.account_id)
    opened = found is None
    if opened:
        found, added = await _ensure_row(by.email, form.name_passport, account_id=by.account_id)
        if added:
            await record("talent.create", "talent", found, by=by, after={"email": by.email})
    row = await _locked(found)
    if row["account"] != by.account_id:
        raise Conflict(CONFIRM_FIRST)
    if opened:
        await _opened(row["account"])
    return row


async def _opened(account_id: int) -> None:
    for hook in ON_OPENED:
        await hook(account_id)


async def _locked(talent_id: int) -> asyncpg.Record:
    row = await db.fetchrow("SELECT * FROM talent WHERE id = $1 FOR UPDATE", talent_id)
    assert row is not None
    return row


async def _write(row: asyncpg.Record, form: ProfileForm, *, by: Actor) -> None:
    values = _values(form) | await _consent(row, form, by=by)
    stored = phones.opened(row)
    changed = sorted(name for name, value in values.items() if stored[name] != value and name != "search_key")
    values["phone"] = phones.seal(values["phone"])
    names = ", ".join(f"{name} = ${at}" for at, name in enumerate(values, start=3))
    await db.execute(
        f"UPDATE talent SET updated_at = $2, {names} WHERE id = $1",  # noqa: S608 - our column names; values are arguments
        row["id"],
        clock.now(),
        *values.values(),
    )
    await record("talent.save", "talent", row["id"], by=by, after={"changed": changed, "visibility": form.visibility})
    await encode(row["id"])


def _values(form: ProfileForm) -> dict[str, Any]:
    """Columns as stored: skills split, the phone in international form, the language of the text found."""
    skills = rules.split_skills(form.skills)
    kept = (
        "name_passport name_native nationality residence_country degree discipline institution grad_year"
        " current_employer headline summary languages engagement cities available_from pay_min has_project"
    )
    values: dict[str, Any] = {name: getattr(form, name) for name in kept.split()}
    values["phone"] = rules.stored_phone(form.phone)
    values["skills"] = skills
    values["summary_lang"] = rules.language_of(f"{form.headline} {form.summary}")
    values["search_key"] = keys.key(values)
    return values


async def _consent(row: asyncpg.Record, form: ProfileForm, *, by: Actor) -> dict[str, Any]:
    """Visibility with the version and time of the consent that it rests on."""
    version = consents.current().version
    if form.visibility == Visibility.PRIVATE:
        if row["visibility"] != Visibility.PRIVATE:
            await _record_withdrawal(row, by)
        return {"visibility": form.visibility, "consent_version": "", "consent_at": None}
    if not rules.needs_consent(form.visibility, row["visibility"], row["consent_version"], version):
        return {"visibility": form.visibility}
    if not form.consent:
        raise Invalid(fields={"consent": [CONSENT_NEEDED]})
    after = {"visibility": form.visibility, "version": version}
    await record("talent.consent_give", "talent", row["id"], by=by, after=after)
    return {"visibility": form.visibility, "consent_version": version, "consent_at": clock.now()}


async def _record_withdrawal(row: asyncpg.Record, by: Actor) -> None:
    before = {"visibility": row["visibility"], "version": row["consent_version"], "given_at": row["consent_at"]}
    await record("talent.consent_withdraw", "talent", row["id"], by=by, before=before)


async def encode(talent_id: int) -> None:
    """Have the profile encoded anew. The key holds the moment: a change during a running job is not lost."""
    await jobs.enqueue(ENCODE, {"talent": talent_id}, key=f"encode-talent:{talent_id}:{clock.now().timestamp()}")
