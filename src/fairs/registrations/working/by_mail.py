"""A saved view is sent to its owner by the clock: the mail holds a short-lived link, which asks for the account; never the data."""

from datetime import datetime, timedelta
from typing import Annotated

from fairs.accounts.actor import SYSTEM, Actor
from fairs.accounts.queries import actor_by_id
from fairs.audit.services import record
from fairs.core import clock, crypto, db, i18n, schedule
from fairs.core.errors import Conflict, NotFound
from fairs.core.fields import Choice
from fairs.core.forms import Field, Form
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_as
from fairs.core.schedule import Every, periodic
from fairs.events.queries import event_for
from fairs.notifications.services import Message, base_url, queue_mail
from fairs.registrations.tables import MailFormat, Rhythm
from fairs.registrations.working.columns import offer
from fairs.registrations.working.queries import Selection, count
from fairs.registrations.working.rows import DueView
from fairs.registrations.working.views import own_view
from fairs.registrations.working.wanted import read_text

KIND = "registration_list"
VALID = timedelta(hours=48)  # of a link
LINK = "link to a list of registrations"
TOO_OLD = N_("This link is too old. The list itself is here, as it is now.")
DAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
RHYTHMS: dict[str, object] = {"": N_("Never"), Rhythm.DAILY: N_("Every day"), Rhythm.WEEKLY: N_("Every week")}
_DUE = """
SELECT v.id, v.account, v.name, v.query, v.mailed, v.mail_hour, v.mail_day, v.mail_format, v.mailed_at, v.event, e.slug, e.title_zh, e.title_en,
    a.email, a.name AS owner_name, a.lang
FROM registration_view v JOIN event e ON e.id = v.event JOIN account a ON a.id = v.account
WHERE v.mailed <> '' AND v.mailed_at < :now::timestamptz - interval '1 hour' ORDER BY v.id
"""


def _days() -> list[Choice]:
    return [(str(at), str(word), "") for at, word in enumerate(DAYS)]


class MailedForm(Form):
    """When a view is sent, and as what."""

    mailed: Annotated[
        str,
        Field(N_("By mail"), widget="select", choices=lambda: [(key, str(word), "") for key, word in RHYTHMS.items()]),
    ] = ""
    day: Annotated[str, Field(N_("On"), help=N_("Of a weekly mail."), widget="select", choices=_days)] = "0"
    hour: Annotated[int, Field(N_("At what hour"), widget="number", ge=0, le=23)] = 8
    kind: Annotated[
        str,
        Field(N_("As"), widget="select", choices=lambda: [(one.value, one.value.upper(), "") for one in MailFormat]),
    ] = MailFormat.XLSX.value


async def set_mailed(slug: str, view_id: int, form: MailedForm, *, by: Actor) -> None:
    """Begin, change or end the mails of an own view. Raises NotFound, Conflict for an address that is not confirmed."""
    async with db.transaction_or_join():
        _, row = await own_view(slug, view_id, by)
        if form.mailed and not by.proved:
            raise Conflict(N_("Confirm your e-mail address first"), code="not_proved")
        await execute(
            "UPDATE registration_view SET mailed = :mailed, mail_hour = :hour, mail_day = :day, mail_format = :form,"
            " mailed_at = :since WHERE id = :id",
            id=row.id,
            mailed=form.mailed,
            hour=form.hour,
            day=int(form.day),
            form=form.kind,
            since=clock.now() if form.mailed else None,
        )
        before, after = {"mailed": row.mailed}, {"mailed": form.mailed, "mail_hour": form.hour}
        await record("registration_view.mail", "registration_view", row.id, by=by, before=before, after=after)


def moment(row: DueView, now: datetime) -> datetime:
    """The last moment at or before now at which the view is to be sent, in the installation's zone."""
    local = now.astimezone(schedule.zone())
    found = local.replace(hour=row.mail_hour, minute=0, second=0, microsecond=0)
    back = (local.weekday() - row.mail_day) % 7 if row.mailed == Rhythm.WEEKLY else 0
    found -= timedelta(days=back)
    return found if found <= local else found - timedelta(days=7 if row.mailed == Rhythm.WEEKLY else 1)


@periodic(
    "registrations-mail-lists",
    Every(15),
    title=N_("Sending lists of registrations"),
    does=N_(
        "Sends the owners of saved views a link to their list, daily or weekly; ends for whoever has no right to it any more."
    ),
    counts=N_("Mails"),
)
async def send_lists() -> int:
    """The number of mails."""
    now, sent = clock.now(), 0
    for row in await fetch_as(DueView, _DUE, now=now):
        due = moment(row, now)
        if row.mailed_at >= due:
            continue
        async with db.transaction_or_join():
            sent += await _send(row, due, now)
    return sent


async def _send(row: DueView, due: datetime, now: datetime) -> bool:
    actor = await actor_by_id(row.account)
    try:
        if actor is None or not actor.proved:
            raise NotFound
        await event_for(actor, row.slug)
    except NotFound:
        await execute("UPDATE registration_view SET mailed = '', mailed_at = NULL WHERE id = :id", id=row.id)
        before, after = {"mailed": row.mailed}, {"mailed": ""}
        await record("registration_view.mail", "registration_view", row.id, by=SYSTEM, before=before, after=after)
        return False
    offered = await offer(row.event)
    number = await count(Selection(row.event, read_text(row.query, offered)), offered)
    await execute("UPDATE registration_view SET mailed_at = :due WHERE id = :id", due=due, id=row.id)
    return await queue_mail(_message(row, number, due, now)) is not None


def _message(row: DueView, number: int, due: datetime, now: datetime) -> Message:
    here = f"{base_url()}/organise/editions/{row.slug}/registrations"
    with i18n.language(row.lang):
        event = i18n.pick(row.title_zh, row.title_en)
    return Message(
        kind=KIND,
        lang=row.lang,
        to_email=row.email,
        to_name=row.owner_name,
        account_id=row.account,
        variables={
            "name": row.owner_name,
            "title": row.name,
            "event": event,
            "count": number,
            "link": f"{here}/mailed/{row.id}/{token_of(row.id, now)}",
            "settings": f"{here}/views",
        },
        dedupe_key=f"list:{row.id}:{due.isoformat()}",
    )


def token_of(view_id: int, now: datetime) -> str:
    """What a link to a view ends with: until when it counts, signed."""
    until = int((now + VALID).timestamp())
    return f"{until}.{crypto.mac(f'{view_id} {until}', LINK)}"


async def list_of_link(slug: str, view_id: int, token: str, *, by: Actor) -> tuple[str, str]:
    """(query, format) of the list behind a link, for its owner only. Raises NotFound; Conflict when the link is too old."""
    _, row = await own_view(slug, view_id, by)
    until, _, given = token.partition(".")
    if not (until.isascii() and until.isdigit() and len(until) < 12):
        raise NotFound
    if not crypto.matches(given, [crypto.mac(f"{view_id} {until}", LINK)]):
        raise NotFound
    if int(until) < clock.now().timestamp():
        raise Conflict(TOO_OLD, code="too_old")
    return row.query, row.mail_format
