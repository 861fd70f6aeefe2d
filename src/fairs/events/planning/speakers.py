"""Speakers of an event: added, changed, removed. Their texts are public at once where they are in a released session."""

from uuid import UUID

from msgspec.structs import asdict

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import db, versions
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_
from fairs.core.rows import fetch_value
from fairs.events import page_cache, services
from fairs.events.forms import PictureForm, SpeakerForm
from fairs.events.planning import queries, speaking
from fairs.events.tables import Speaker
from fairs.files.services import attach, let_go
from fairs.files.tables import Purpose

TEXTS = ("name_zh", "name_en", "affiliation_zh", "affiliation_en", "bio_zh", "bio_en")


async def add_speaker(slug: str, form: SpeakerForm, *, by: Actor) -> int:
    """A speaker's id. Raises NotFound for strangers, Conflict when the code is taken."""
    async with db.transaction_or_join():
        event = await services.prepared_event(slug, by)
        speaker = Speaker(event=event.id, **asdict(form))
        with db.constraint_errors({"uq_speaker_event_code": Conflict(services.CODE_TAKEN, code="code_taken")}):
            await speaker.save()
        await record("speaker.add", "speaker", speaker.id, by=by, after=asdict(form))
    return speaker.id


async def update_speaker(slug: str, code: str, form: SpeakerForm, *, by: Actor, seen: str = "") -> None:
    """Store the edited texts. Raises NotFound, Invalid for another code, Outdated after a change since `seen`."""
    async with db.transaction_or_join():
        event = await services.prepared_event(slug, by)
        speaker = await queries.speaker_by_code(event.id, code)
        stored = asdict(speaker)
        versions.require_current(form, stored, seen)
        if form.code != code:
            raise Invalid(fields={"code": [N_("The code of a speaker cannot change")]})
        before = {name: stored[name] for name in TEXTS if stored[name] != getattr(form, name)}
        if not before:
            return
        after = {name: getattr(form, name) for name in before}
        await Speaker.update(**after).where(Speaker.id == speaker.id)
        await record("speaker.update", "speaker", speaker.id, by=by, before=before, after=after)
    page_cache.forget()


async def remove_speaker(slug: str, code: str, *, by: Actor) -> None:
    """Remove somebody who is in no session. Raises NotFound, and Conflict while a session names the speaker."""
    async with db.transaction_or_join():
        event = await services.prepared_event(slug, by)
        speaker = await queries.speaker_by_code(event.id, code)
        named = [
            plan.code
            for plan in await queries.drafts_of(event.id)
            if code in {person.name for person in speaking.parse(plan.speakers)}
        ]
        released = await fetch_value(
            bool, "SELECT EXISTS (SELECT 1 FROM session_speaker WHERE speaker = :speaker)", speaker=speaker.id
        )
        if named or released:
            raise Conflict(N_("A session names this speaker: take the speaker out of it and release first"))
        await Speaker.delete().where(Speaker.id == speaker.id)
        await let_go(speaker.picture)
        await record("speaker.remove", "speaker", speaker.id, by=by, before=asdict(speaker))


async def set_picture(slug: str, code: str, form: PictureForm, *, by: Actor) -> None:
    """Store the picture in place of the former one. Raises NotFound for strangers, Invalid when the file is gone."""
    async with db.transaction_or_join():
        picture = await attach(form.picture, Purpose.SPEAKER, field="picture")
        await _store(slug, code, picture, by=by)
    page_cache.forget()


async def remove_picture(slug: str, code: str, *, by: Actor) -> None:
    """Delete the picture, if there is one. Raises NotFound for strangers."""
    async with db.transaction_or_join():
        await _store(slug, code, None, by=by)
    page_cache.forget()


async def _store(slug: str, code: str, picture: UUID | None, *, by: Actor) -> None:
    event = await services.prepared_event(slug, by)
    speaker = await queries.speaker_by_code(event.id, code)
    if speaker.picture == picture:
        return
    await Speaker.update({Speaker.picture: picture}).where(Speaker.id == speaker.id)
    await let_go(speaker.picture)
    if picture:
        await record("speaker.picture", "speaker", speaker.id, by=by, after={"file": str(picture)})
    else:
        await record("speaker.picture_remove", "speaker", speaker.id, by=by, before={"file": str(speaker.picture)})
