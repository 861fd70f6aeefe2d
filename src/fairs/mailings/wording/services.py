"""Write own texts: a new version for each change, going back included."""

from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db
from fairs.core.errors import Conflict, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute
from fairs.events.domain_events import EventCloned
from fairs.mailings.tables import MailWording
from fairs.mailings.wording import queries
from fairs.mailings.wording.forms import TEXTS, WordingForm

CHANGED = N_("Somebody else has saved a version meanwhile. Look at it below, then save yours again.")
BUILT_IN = dict.fromkeys(TEXTS, "")


async def save_wording(kind: str, form: WordingForm, *, event_id: int | None, seen: int, by: Actor) -> None:
    """A new version, in force from now on. Raises Conflict when `seen` is no longer the last one."""
    await _add(kind, {name: getattr(form, name) for name in TEXTS}, event_id, seen, by)


async def go_back(kind: str, version: int, *, event_id: int | None, by: Actor) -> None:
    """The texts of an earlier version, or with 0 the built-in text, as a new version. Raises NotFound, Conflict."""
    known = await queries.versions(kind, event_id)
    chosen = next((row for row in known if row.version == version), None)
    if not known or (version and chosen is None):
        raise NotFound
    texts = {name: getattr(chosen, name) for name in TEXTS} if chosen else BUILT_IN
    await _add(kind, texts, event_id, known[0].version, by, back=version)


async def _add(
    kind: str, texts: dict[str, str], event_id: int | None, seen: int, by: Actor, back: int | None = None
) -> None:
    with db.constraint_errors({"uq_mail_wording": Conflict(CHANGED)}):
        async with db.DB.transaction():
            known = await queries.versions(kind, event_id)
            if (known[0].version if known else 0) != seen:
                raise Conflict(CHANGED)
            before = {name: getattr(known[0], name) for name in TEXTS} if known else BUILT_IN
            if before == texts:
                return
            stored: dict[str, Any] = {"kind": kind, "event": event_id, "version": seen + 1, "created_at": clock.now()}
            stored |= {"made_by": by.account_id, **texts}
            made = MailWording(**stored)
            await made.save()
            extra: dict[str, Any] = {} if back is None else {"back_to": back}
            after = {"kind": kind, "event": event_id, "version": seen + 1, **texts, **extra}
            await record("mail_wording.save", "mail_wording", made.id, by=by, before=before, after=after)


async def on_event_cloned(event: EventCloned) -> None:
    """The copy begins with the texts that were in force, where they were chosen."""
    if not event.mails:
        return
    await execute(
        "INSERT INTO mail_wording (kind, event, version, subject_zh, subject_en, text_zh, text_en, made_by, created_at)"
        " SELECT DISTINCT ON (w.kind, m.new) w.kind, m.new, 1, w.subject_zh, w.subject_en, w.text_zh, w.text_en, w.made_by, :now"
        " FROM unnest(:old::bigint[], :new::bigint[]) AS m (old, new) JOIN mail_wording w ON w.event = m.old"
        " ORDER BY w.kind, m.new, w.version DESC",
        old=list(event.pairs),
        new=list(event.pairs.values()),
        now=clock.now(),
    )
