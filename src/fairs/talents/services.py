"""Write profiles: each person their own."""

from typing import Any
from uuid import UUID

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, events_bus, jobs, locks, versions
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.locks import Lock
from fairs.core.rows import execute, fetch_as, fetch_one_as, fetch_value_or_none
from fairs.files.services import attach, let_go
from fairs.files.tables import Purpose
from fairs.privacy import consents as answers
from fairs.privacy.tables import ConsentKind, ConsentPlace
from fairs.talents import consents, keys, phones, rules
from fairs.talents.domain_events import ProfileOpened
from fairs.talents.forms import PhotoForm, ProfileForm, stored_profile
from fairs.talents.queries import COLUMNS
from fairs.talents.rows import Ensured, TalentRow
from fairs.talents.tables import Talent, Visibility

ENCODE = "matching.encode_talent"
CONSENT_NEEDED = N_("To show your profile to employers, please read the notice and agree to it")
CONFIRM_FIRST = N_(
    "Somebody registered you with this address before. Ask for a sign-in link by e-mail: it proves that the address is yours,"
    " and your data appears here."
)


async def save_profile(form: ProfileForm, *, by: Actor, seen: str = "", demo: bool = False) -> int:
    """Store the actor's own profile, created on first use; returns its id. Raises Invalid for a missing consent,
    Conflict, and Outdated when it was changed since the version `seen`."""
    assert by.account_id is not None
    async with db.transaction_or_join():
        stored = await _own_locked(by)
        if stored is not None:
            versions.require_current(form, stored_profile(phones.opened(stored)), seen)
        row = await _own_row(form, by, demo)
        await _write(row, form, by=by)
    return row.id


async def withdraw_consent(*, by: Actor) -> None:
    """Hide the actor's profile at once and delete the consent; earlier consents stay in the audit log."""
    async with db.transaction_or_join():
        row = await _own_locked(by)
        if row is None or row.visibility == Visibility.PRIVATE:
            return
        hidden: dict[str, Any] = {"visibility": Visibility.PRIVATE, "consent_version": "", "consent_at": None}
        await Talent.update(**hidden, updated_at=clock.now()).where(Talent.id == row.id)
        await _record_withdrawal(row, by)
        await encode(row.id)


async def set_photo(form: PhotoForm, *, by: Actor) -> None:
    """Store the actor's photo; the former one is deleted. Raises NotFound without a profile."""
    async with db.transaction_or_join():
        row = await _own_locked(by)
        if row is None:
            raise NotFound
        photo = await attach(form.photo, Purpose.PHOTO, field="photo")
        await _store_photo(row, photo, by=by)


async def remove_photo(*, by: Actor) -> None:
    """Delete the actor's photo, if there is one."""
    async with db.transaction_or_join():
        row = await _own_locked(by)
        if row is not None and row.photo is not None:
            await _store_photo(row, None, by=by)


async def _store_photo(row: TalentRow, photo: UUID | None, *, by: Actor) -> None:
    await execute("UPDATE talent SET photo = :photo WHERE id = :id", photo=photo, id=row.id)
    await let_go(row.photo)
    if photo:
        await record("talent.photo", "talent", row.id, by=by, after={"file": str(photo)})
    else:
        await record("talent.photo_remove", "talent", row.id, by=by, before={"file": str(row.photo)})


async def _ensure_row(address: str, name: str, *, account_id: int | None, demo: bool = False) -> Ensured:
    """The profile of an address, created when there is none. Concurrent callers get the same row."""
    now = clock.now()
    # The account's key would fail before the address's conflict is detected, so callers of one address are serialised.
    await locks.hold(Lock.TALENT, address)
    (row,) = await fetch_as(
        Ensured,
        "INSERT INTO talent AS t (email, name_passport, account, search_key, demo, created_at, updated_at)"
        " SELECT :email::varchar, :name::varchar, (SELECT a.id FROM account a WHERE a.email = :email"
        " AND (a.id = :account OR a.email_confirmed_at IS NOT NULL) AND NOT EXISTS"
        " (SELECT 1 FROM talent o WHERE o.account = a.id)), :key::text, :demo::boolean, :now::timestamptz, :now::timestamptz"
        " ON CONFLICT (email) DO UPDATE SET account = coalesce(t.account, (SELECT a.id FROM account a"
        " WHERE a.email = :email AND a.email_confirmed_at IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM talent o WHERE o.account = a.id)))"
        " RETURNING t.id, (t.xmax = 0) AS added",
        email=address,
        name=name,
        account=account_id,
        key=keys.key({"name_passport": name}),
        demo=demo,
        now=now,
    )
    return row


async def _own_row(form: ProfileForm, by: Actor, demo: bool) -> TalentRow:
    """The actor's row, locked. An unopened profile of the same address is taken over only by a proved address."""
    assert by.account_id is not None
    found = await fetch_value_or_none(int, "SELECT id FROM talent WHERE account = :account", account=by.account_id)
    opened = found is None
    if found is None:
        made = await _ensure_row(by.email, form.name_passport, account_id=by.account_id, demo=demo)
        found = made.id
        if made.added:
            await record("talent.create", "talent", found, by=by, after={"email": by.email})
    row = await _locked(found)
    if row.account != by.account_id:
        raise Conflict(CONFIRM_FIRST)
    if opened:
        await events_bus.publish(ProfileOpened(by.account_id))
    return row


async def _own_locked(by: Actor) -> TalentRow | None:
    sql = f"SELECT {COLUMNS} FROM talent t WHERE t.account = :account FOR UPDATE"  # noqa: S608 - constants of the code; values are named arguments
    return await fetch_one_as(TalentRow, sql, account=by.account_id)


async def _locked(talent_id: int) -> TalentRow:
    (row,) = await fetch_as(TalentRow, f"SELECT {COLUMNS} FROM talent t WHERE t.id = :id FOR UPDATE", id=talent_id)  # noqa: S608 - constants of the code; values are named arguments
    return row


async def _write(row: TalentRow, form: ProfileForm, *, by: Actor) -> None:
    values = _values(form) | await _consent(row, form, by=by)
    stored = phones.opened(row)
    changed = sorted(name for name, value in values.items() if getattr(stored, name) != value and name != "search_key")
    values["phone"] = phones.seal(values["phone"])
    await Talent.update(**values, updated_at=clock.now()).where(Talent.id == row.id)
    await record("talent.save", "talent", row.id, by=by, after={"changed": changed, "visibility": form.visibility})
    await encode(row.id)


def _values(form: ProfileForm) -> dict[str, Any]:
    """Values to store: skills split, the phone in international form, the detected language of the text."""
    skills = rules.split_skills(form.skills)
    kept = (
        "name_passport name_native nationality residence_country degree discipline institution grad_year"
        " current_employer headline summary languages engagement cities available_from pay_min has_project"
        " abroad_country abroad_from abroad_to abroad_degree"
    )
    values: dict[str, Any] = {name: getattr(form, name) for name in kept.split()}
    values["phone"] = rules.stored_phone(form.phone)
    values["skills"] = skills
    values["summary_lang"] = rules.language_of(f"{form.headline} {form.summary}")
    values["search_key"] = keys.key(values)
    return values


async def _consent(row: TalentRow, form: ProfileForm, *, by: Actor) -> dict[str, Any]:
    """Visibility with the version and time of its consent."""
    version = consents.current().version
    if form.visibility == Visibility.PRIVATE:
        if row.visibility != Visibility.PRIVATE:
            await _record_withdrawal(row, by)
        return {"visibility": form.visibility, "consent_version": "", "consent_at": None}
    if not rules.needs_consent(form.visibility, row.visibility, row.consent_version, version):
        return {"visibility": form.visibility}
    if not form.consent:
        raise Invalid(fields={"consent": [CONSENT_NEEDED]})
    after = {"visibility": form.visibility, "version": version}
    await record("talent.consent_give", "talent", row.id, by=by, after=after)
    if row.account is not None:
        shown = ConsentKind.PUBLICATION
        await answers.note(row.account, shown, True, ConsentPlace.PROFILE, version=version)
        await answers.note(
            row.account, ConsentKind.MATCHING, True, ConsentPlace.PROFILE, version=version, only_first=True
        )
    return {"visibility": form.visibility, "consent_version": version, "consent_at": clock.now()}


async def _record_withdrawal(row: TalentRow, by: Actor) -> None:
    before = {"visibility": row.visibility, "version": row.consent_version, "given_at": row.consent_at}
    await record("talent.consent_withdraw", "talent", row.id, by=by, before=before)
    if row.account is not None:
        await answers.note(row.account, ConsentKind.PUBLICATION, False, ConsentPlace.PROFILE)


async def encode(talent_id: int) -> None:
    """Queue a new encoding of the profile. The key contains the time: a change during a running job is not lost."""
    await jobs.enqueue(ENCODE, {"talent": talent_id}, key=f"encode-talent:{talent_id}:{clock.now().timestamp()}")


async def encode_all(talents: list[int]) -> None:
    """The same for many, in one statement."""
    await jobs.enqueue_all(ENCODE, [{"talent": talent} for talent in talents])
