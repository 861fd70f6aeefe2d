"""Writes passports and invitation letters: entered, requested, issued with a number and a seal, refused, revoked, opened.

A letter is a canonical text whose SHA-256 is its address: the paper can be checked, and says nothing else about its holder.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, crypto, db
from fairs.core.canonical import canonical, digest
from fairs.core.errors import Conflict, DomainError, Invalid, NotFound
from fairs.core.i18n import N_, Lang
from fairs.core.rows import execute
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.tours import member_queries
from fairs.tours import queries as tours
from fairs.tours.logistics.trips import own_place, with_place
from fairs.tours.members import Done
from fairs.tours.papers import queries
from fairs.tours.papers.forms import PassportForm, RequestForm, TextForm, filled
from fairs.tours.papers.rows import LetterRow
from fairs.tours.papers.sealed import LETTER, PASSPORT
from fairs.tours.papers.tables import LetterState, TourLetter
from fairs.tours.rows import MemberRow
from fairs.tours.rules import LIVE_STOPS
from fairs.tours.services import prepared
from fairs.units import catalogues

FORM = "fairs/tour-letter/1"
NO_PASSPORT = N_("Enter the passport first")
EXPIRES = N_("The passport must be valid beyond the end of the tour")
OPEN = N_("A letter has been asked for already")
ISSUED = N_("There is a letter already. It is revoked first.")
NOT_ASKED = N_("This letter does not wait for a decision")
NOT_ISSUED = N_("This letter is not in force")


class Passport(msgspec.Struct, frozen=True):
    """A passport in plain text."""

    number: str
    nationality: str
    born: date
    expires: date


def opened(stored: str) -> Passport:
    """A sealed passport in plain text."""
    return msgspec.json.decode(crypto.open_text(stored, PASSPORT), type=Passport)


def masked(passport: Passport) -> str:
    """The number with its last two characters only."""
    return f"{crypto.HIDDEN}{passport.number[-2:]}"


def document_of(row: LetterRow) -> dict[str, Any]:
    """The text of an issued letter. Raises NotFound when it is purged."""
    if not row.document:
        raise NotFound
    found: dict[str, Any] = msgspec.json.decode(crypto.open_text(row.document, LETTER))
    return found


def initials_of(name: str) -> str:
    """`Maria García López` → `M. G. L.`; at most three."""
    letters = [part[0].upper() for part in name.replace("-", " ").split() if part[0].isalpha()]
    return " ".join(f"{letter}." for letter in letters[:3])


async def save_own_passport(member_id: int, form: PassportForm, *, by: Actor) -> None:
    """The person enters the passport. Raises NotFound, Conflict, Invalid."""
    async with db.transaction_or_join():
        event, row = await own_place(by, member_id)
        await _store_passport(event, row, form, by)


async def save_passport(slug: str, member_id: int, form: PassportForm, *, by: Actor) -> None:
    """Who runs the tour enters it. Raises NotFound, Conflict, Invalid."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        row = with_place(await member_queries.member_of(event.id, member_id, lock=True))
        await _store_passport(event, row, form, by)


async def _store_passport(event: EventRow, row: MemberRow, form: PassportForm, by: Actor) -> None:
    if form.expires <= event.ends_at.astimezone(ZoneInfo(event.timezone)).date():
        raise Invalid(fields={"expires": [EXPIRES]})
    passport = Passport(form.number.replace(" ", "").upper(), form.nationality, form.born, form.expires)
    await execute(
        "INSERT INTO tour_passport (member, data, updated_at) VALUES (:member, :data, :now)"
        " ON CONFLICT (member) DO UPDATE SET data = excluded.data, updated_at = excluded.updated_at",
        member=row.id,
        data=crypto.seal_text(msgspec.json.encode(passport).decode(), PASSPORT),
        now=clock.now(),
    )
    await record("tour_passport.save", "tour_member", row.id, by=by)


async def open_passport(slug: str, member_id: int, reason: str, *, by: Actor) -> Passport:
    """The passport in plain text; the reason stands in the log. Raises NotFound."""
    async with db.transaction_or_join():
        event = await event_for(by, slug)
        row = await member_queries.member_of(event.id, member_id)
        stored = await queries.passport_of(row.id)
        if stored is None:
            raise NotFound
        await record("tour_passport.open", "tour_member", row.id, by=by, after={"reason": reason})
    return opened(stored.data)


async def open_passports(slug: str, reason: str, *, by: Actor) -> dict[int, Passport]:
    """Member → passport, for the list of the police; the reason stands in the log. Raises NotFound."""
    async with db.transaction_or_join():
        event = await event_for(by, slug)
        stored = await queries.passports_in(event.id)
        after = {"reason": reason, "people": len(stored)}
        await record("tour_passport.list", "event", event.id, by=by, after=after)
    return {member: opened(row.data) for member, row in stored.items()}


async def request_own(member_id: int, form: RequestForm, *, by: Actor) -> None:
    """The person asks for a letter. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event, row = await own_place(by, member_id)
        await _request(event, row, form, by)


async def request_for(slug: str, member_id: int, form: RequestForm, *, by: Actor) -> None:
    """Who runs the tour asks for a person. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        row = with_place(await member_queries.member_of(event.id, member_id, lock=True))
        await _request(event, row, form, by)


async def _request(event: EventRow, row: MemberRow, form: RequestForm, by: Actor) -> None:
    if await queries.passport_of(row.id) is None:
        raise Conflict(NO_PASSPORT, code="no_passport")
    states = {one.state for one in await queries.letters_of(row.id)}
    if LetterState.REQUESTED in states:
        raise Conflict(OPEN, code="open")
    if LetterState.ISSUED in states:
        raise Conflict(ISSUED, code="issued")
    await TourLetter.insert(TourLetter(event=event.id, member=row.id, kind=form.kind, asked_at=clock.now()))
    await record("tour_letter.request", "tour_member", row.id, by=by, after={"kind": form.kind})


async def note_no_letter(slug: str, member_id: int, why: str, *, by: Actor) -> None:
    """Who runs the tour notes why a person needs no letter (empty: takes that back). Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        row = with_place(await member_queries.member_of(event.id, member_id, lock=True))
        await execute("UPDATE tour_member SET no_letter = :why WHERE id = :id", why=why, id=row.id)
        await record("tour_letter.unneeded", "tour_member", row.id, by=by, after={"reason": why})


async def issue(slug: str, letter_ids: Sequence[int], *, by: Actor) -> Done:
    """Give each of these letters a number and its seal; those that cannot be issued stay, with the reason. Raises NotFound, Conflict."""
    done = Done()
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        for row in await queries.letters_in(event.id, {}):
            if row.id not in letter_ids:
                continue
            try:
                await _issue(event, row, by)
            except DomainError as refused:
                done.refused.append((row.name_native or row.name_passport, refused.message))
            else:
                done.number += 1
    return done


async def _issue(event: EventRow, row: LetterRow, by: Actor) -> None:
    if row.state != LetterState.REQUESTED:
        raise Conflict(NOT_ASKED, code="state")
    stored = await queries.passport_of(row.member)
    if stored is None:
        raise Conflict(NO_PASSPORT, code="no_passport")
    number = f"YQ-{event.starts_at.year}-{event.id}-{await queries.numbered(event.id) + 1:03}"
    content = await compose(event, row.kind, row.name_passport, row.name_native, opened(stored.data), number)
    text = canonical(content)
    await TourLetter.update(
        state=LetterState.ISSUED.value,
        number=number,
        digest=digest(text),
        document=crypto.seal_text(text, LETTER),
        initials=initials_of(row.name_passport),
        valid_until=date.fromisoformat(content["valid_until"]),
        reason="",
        decided_at=clock.now(),
        decided_by=by.account_id,
    ).where(TourLetter.id == row.id)
    await record("tour_letter.issue", "tour_member", row.member, by=by, after={"number": number})


async def compose(
    event: EventRow, kind: str, name: str, native: str, passport: Passport, number: str
) -> dict[str, Any]:
    """All of a letter, in both languages. `nonce` makes its address unguessable."""
    zone = ZoneInfo(event.timezone)
    first, last = event.starts_at.astimezone(zone).date(), event.ends_at.astimezone(zone).date()
    texts = await texts_in_force(event.id)
    cities = [stop for stop in await tours.stops_of(event.id) if stop.state in LIVE_STOPS and stop.unit]
    bodies = {}
    commas: dict[Lang, str] = {"zh": "、", "en": ", "}
    for lang, comma in commas.items():
        named = dict.fromkeys(getattr(stop, f"unit_{lang}") for stop in cities)
        values = {
            "name": f"{native} {name}" if lang == "zh" and native and native != name else name,
            "nationality": catalogues.label("countries", passport.nationality, lang),
            "born": passport.born.isoformat(),
            "passport": passport.number,
            "from": first.isoformat(),
            "until": last.isoformat(),
            "tour": getattr(event, f"title_{lang}") or event.title_en or event.title_zh,
            "cities": comma.join(named) or ("河南" if lang == "zh" else "Henan"),
        }
        bodies[lang] = filled(getattr(texts[kind], f"body_{lang}"), values)
    return {
        "form": FORM,
        "number": number,
        "kind": kind,
        "issued_on": clock.now().astimezone(zone).date().isoformat(),
        "valid_until": last.isoformat(),
        "organiser": {"zh": event.unit_name_zh, "en": event.unit_name_en},
        "contact": {
            "name": event.contact_name or event.parent_contact_name or "",
            "phone": event.contact_phone or event.parent_contact_phone or "",
            "email": event.contact_email or event.parent_contact_email or "",
        },
        "event": {"zh": event.title_zh, "en": event.title_en},
        "body": bodies,
        "nonce": crypto.new_token(),
    }


async def texts_in_force(event_id: int) -> dict[str, Any]:
    """Kind → the tour's own text, else the usual one."""
    usual: dict[str, Any] = {one.key: one for one in catalogues.visa_letters()}
    return {**usual, **await queries.texts_of(event_id)}


async def _decided(slug: str, letter_id: int, by: Actor) -> LetterRow:
    event = await prepared(slug, by)
    row = next((one for one in await queries.letters_in(event.id, {}) if one.id == letter_id), None)
    if row is None:
        raise NotFound
    return row


async def refuse(slug: str, letter_id: int, reason: str, *, by: Actor) -> None:
    """A request is refused, with the reason that the person reads. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        row = await _decided(slug, letter_id, by)
        if row.state != LetterState.REQUESTED:
            raise Conflict(NOT_ASKED, code="state")
        await _close(row, LetterState.REFUSED, reason, by)


async def revoke(slug: str, letter_id: int, reason: str, *, by: Actor) -> None:
    """A letter is no longer in force; its public page says so. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        row = await _decided(slug, letter_id, by)
        if row.state != LetterState.ISSUED:
            raise Conflict(NOT_ISSUED, code="state")
        await _close(row, LetterState.REVOKED, reason, by)


async def _close(row: LetterRow, state: LetterState, reason: str, by: Actor) -> None:
    values: dict[str, Any] = {
        "state": state.value,
        "reason": reason,
        "decided_at": clock.now(),
        "decided_by": by.account_id,
    }
    await TourLetter.update(**values).where(TourLetter.id == row.id)
    action = "tour_letter.refuse" if state == LetterState.REFUSED else "tour_letter.revoke"
    await record(action, "tour_member", row.member, by=by, after={"reason": reason, "number": row.number})


async def open_letter(slug: str, letter_id: int, reason: str, *, by: Actor) -> LetterRow:
    """An issued letter for who runs the tour; the reason stands in the log. Raises NotFound."""
    async with db.transaction_or_join():
        event = await event_for(by, slug)
        row = next((one for one in await queries.letters_in(event.id, {}) if one.id == letter_id), None)
        if row is None or not row.document:
            raise NotFound
        after = {"reason": reason, "number": row.number}
        await record("tour_letter.open", "tour_member", row.member, by=by, after=after)
    return row


async def own_letter(member_id: int, letter_id: int, *, by: Actor) -> LetterRow:
    """An issued letter of the viewer. Raises NotFound."""
    member = await member_queries.own_member(by, member_id)
    row = next((one for one in await queries.letters_of(member.id) if one.id == letter_id), None)
    if row is None or row.state != LetterState.ISSUED:
        raise NotFound
    return row


async def save_text(slug: str, kind: str, form: TextForm, *, by: Actor) -> None:
    """The tour's own text of a kind; letters that are issued stay as they are. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        if kind not in {one.key for one in catalogues.visa_letters()}:
            raise NotFound
        await execute(
            "INSERT INTO tour_letter_text (event, kind, body_zh, body_en) VALUES (:event, :kind, :zh, :en)"
            " ON CONFLICT (event, kind) DO UPDATE SET body_zh = excluded.body_zh, body_en = excluded.body_en",
            event=event.id,
            kind=kind,
            zh=form.body_zh,
            en=form.body_en,
        )
        await record("tour_letter.text", "event", event.id, by=by, after={"kind": kind})
