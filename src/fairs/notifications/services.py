"""Mail: a row written in the service's transaction, and a job that delivers it through aiosmtplib.

Without FAIRS_SMTP_URL a mail is `kept`: shown in the outbox and never sent.
One-time links and codes are masked in the stored mail; only the sent mail contains them (`masking`).
Expensive attachments are generated when the mail is delivered or viewed, by a generator that a slice registers.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.errors import MessageError
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import msgspec
import structlog

from fairs.core import clock, crypto, db, i18n, jobs
from fairs.core.errors import Conflict, DomainError, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_as, fetch_one_as, fetch_value_or_none, fetch_values
from fairs.core.services import SETTINGS, Service
from fairs.notifications import masking, placeholders, proof, retrying, smtp
from fairs.notifications.letters import build, plain_header
from fairs.notifications.rows import MAIL_COLUMNS, TEXT_COLUMNS, Id, MailRow, StoredFile, StoredTexts
from fairs.notifications.tables import MailAttachment, MailState, OutgoingMail
from fairs.notifications.wording import Wording, html_of, subject_of, text_of
from fairs.web.templating import environment, render_text

DELIVER = "mail.deliver"
SPENT = N_("The link or code in this mail is no longer valid: its receiver must ask for a new one.")
SWEEP = timedelta(hours=1)  # how often a worker deletes the sealed rest of sent mails
Generator = Callable[[str], Awaitable[bytes]]
GENERATORS: Service[dict[str, Generator]] = Service(dict)
"""Generators of attachments, by name."""
Asked = tuple[str, int | None, str]  # kind, event, language
Wordings = Callable[[Sequence[Asked]], Awaitable[dict[Asked, Wording]]]
WORDINGS: Service[Wordings | None] = Service(lambda: None)
"""The texts that organisers wrote in place of the templates."""
_NAME = "generator_name"
AT_ONCE = 16  # conversations of a worker with the mail server: what a killed one may have handed over without a record
_swept: Service[datetime | None] = Service(lambda: None)
_conversations: Service[asyncio.Semaphore] = Service(lambda: asyncio.Semaphore(AT_ONCE))
log = structlog.get_logger("mail")


def base_url() -> str:
    """The public address, without a trailing slash."""
    return SETTINGS().base_url.rstrip("/")


def mail_from() -> str:
    """The sender's address, also the organiser of calendar invitations."""
    return SETTINGS().mail_from


def sends() -> bool:
    """Whether this installation sends mail; if not, mail is kept in the outbox."""
    return bool(SETTINGS().smtp_url)


def told(by_mail: object, otherwise: object) -> object:
    """The sentence that applies: the first where mail is sent, the second where it is not."""
    return by_mail if sends() else otherwise


environment().globals["mail_leaves"] = sends  # pages choose their sentences by it


def generator(name: str) -> Callable[[Generator], Generator]:
    """Mark the coroutine that generates attachments called `name` from their argument. `fairs.wiring` installs it."""

    def mark(make: Generator) -> Generator:
        setattr(make, _NAME, name)
        return make

    return mark


def install_generators(generators: Iterable[Generator]) -> None:
    """Register the marked coroutines as generators of this application."""
    GENERATORS().update({getattr(make, _NAME): make for make in generators})


@dataclass(frozen=True)
class Attachment:
    """A file of a mail: its content, or the generator that makes it from `argument` on demand.

    A calendar whose type contains its method (`text/calendar; method=REQUEST`) is also shown as an invitation.
    """

    filename: str
    content_type: str
    content: bytes | None = None
    generator: str = ""
    argument: str = ""


@dataclass(frozen=True)
class Message:
    """A mail to one person. `kind` names the templates emails/<lang>/<kind>.{subject,txt,html}.

    `secrets`: one-time tokens and codes as in the texts; they are masked in the outbox. `event`: whose own texts apply.
    `wording`: this text instead of the templates'. `unsubscribe`: of a newsletter, the address of one click.
    """

    kind: str
    lang: str
    to_email: str
    to_name: str = ""
    account_id: int | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    dedupe_key: str | None = None
    secrets: tuple[str, ...] = ()
    event: int | None = None
    wording: Wording | None = None
    unsubscribe: str = ""


_INSERT = (
    "INSERT INTO outgoing_mail (kind, lang, to_email, to_name, account_id, subject, body_text, body_html, state,"
    " dedupe_key, created_at, sealed, unsubscribe"
)
_INSERT_ALL = (  # many by one statement: a statement for each row costs four times as much
    f"{_INSERT}, id) SELECT * FROM unnest(:kind::text[], :lang::text[], :to_email::text[], :to_name::text[],"  # noqa: S608 - a constant of the code
    " :account_id::bigint[], :subject::text[], :body_text::text[], :body_html::text[], :state::text[], :dedupe_key::text[],"
    " :created_at::timestamptz[], :sealed::text[], :unsubscribe::text[], :ids::bigint[])"
    " ON CONFLICT (dedupe_key) DO NOTHING RETURNING id"
)


async def queue_mail(message: Message) -> int | None:
    """Write the mail and its job; returns the row's id, or None when the dedupe key has been used."""
    async with db.transaction_or_join():
        [message], held = await _judged(await _worded([message]))
        values, files = _written(message, held=bool(held))
        mail_id = await fetch_value_or_none(
            int,
            f"{_INSERT}) VALUES (:kind, :lang, :to_email, :to_name, :account_id, :subject, :body_text, :body_html, :state,"
            " :dedupe_key, :created_at, :sealed, :unsubscribe) ON CONFLICT (dedupe_key) DO NOTHING RETURNING id",
            **values,
        )
        if mail_id is None:
            return None
        await _attach([(mail_id, item) for item in files])
        if held:
            await proof.request_proofs({message.to_email: message.lang})
        elif sends():
            await jobs.enqueue(DELIVER, {"mail": mail_id})
    return mail_id


async def _worded(messages: Sequence[Message]) -> list[Message]:
    """The mails with the organisers' own texts, where there are any."""
    ask, asked = WORDINGS(), {(one.kind, one.event, one.lang) for one in messages if one.wording is None}
    found = await ask(sorted(asked, key=str)) if ask and asked else {}
    return [
        replace(one, wording=one.wording or found.get((one.kind, one.event, one.lang))) if found else one
        for one in messages
    ]


async def preview(message: Message) -> tuple[str, str, str]:
    """Subject, text and HTML of a mail as it would leave now; nothing is queued."""
    [worded] = await _worded([message])
    return texts_of(worded)


async def _judged(messages: Sequence[Message]) -> tuple[list[Message], set[str]]:
    """The mails as allowed for their addresses, and the addresses whose mail is held: see `proof`."""
    unproved = await proof.unproved([message.to_email for message in messages])
    judged, held = [], set()
    for message in messages:
        if message.to_email.strip().lower() not in unproved:
            judged.append(message)
        elif message.kind in proof.FIXED and not message.attachments:
            judged.append(replace(message, to_name="", variables=proof.plain(message.variables)))
        else:
            judged.append(message)
            held.add(message.to_email.strip().lower())
    return judged, held


async def queue_mails(messages: Sequence[Message]) -> list[int]:
    """Write many mails and their jobs in a few statements; returns the ids of those with an unused dedupe key."""
    async with db.transaction_or_join():
        messages, held = await _judged(await _worded(messages))
        waits = [message.to_email.strip().lower() in held for message in messages]
        texts = [_written(message, held=hold) for message, hold in zip(messages, waits, strict=True)]
        rows = await fetch_as(
            Id,
            "SELECT nextval(pg_get_serial_sequence('outgoing_mail', 'id')) AS id FROM generate_series(1, :count)",
            count=len(messages),
        )
        ids = [row.id for row in rows]
        columns = {name: [values[name] for values, _ in texts] for name in (texts[0][0] if texts else ())}
        written = set(await fetch_values(int, _INSERT_ALL, ids=ids, **columns)) if texts else set()
        kept = [item for item in zip(ids, messages, texts, waits, strict=True) if item[0] in written]
        await _attach([(mail_id, item) for mail_id, _, (_, files), _ in kept for item in files])
        if sends():
            await jobs.enqueue_all(DELIVER, [{"mail": mail_id} for mail_id, _, _, hold in kept if not hold])
        await proof.request_proofs({message.to_email: message.lang for _, message, _, hold in kept if hold})
    return [mail_id for mail_id, *_ in kept]


def ready() -> str:
    """The state of a mail that may be sent."""
    return MailState.QUEUED.value if sends() else MailState.KEPT.value


def _written(message: Message, *, held: bool) -> tuple[dict[str, Any], list[Attachment]]:
    """(the row of a mail in the column order of _INSERT, its files), secrets masked in both."""
    subject, text, html = texts_of(message)
    contents = {str(at): item.content for at, item in enumerate(message.attachments) if item.content is not None}
    shown, sealed = masking.split(masking.Texts(subject, text, html, contents), message.secrets, base_url())
    row = {
        "kind": message.kind,
        "lang": message.lang,
        "to_email": message.to_email.strip().lower() if held else message.to_email,
        "to_name": plain_header(message.to_name),
        "account_id": message.account_id,
        "subject": shown.subject,
        "body_text": shown.text,
        "body_html": shown.html,
        "state": MailState.HELD.value if held else ready(),
        "dedupe_key": message.dedupe_key,
        "created_at": clock.now(),
        "sealed": sealed,
        "unsubscribe": crypto.seal_text(message.unsubscribe, masking.UNSUBSCRIBE),
    }
    return row, [
        replace(item, content=shown.files.get(str(at), item.content)) for at, item in enumerate(message.attachments)
    ]


def texts_of(message: Message) -> tuple[str, str, str]:
    """Subject, text and HTML of a mail, by its own wording or else by the templates of its kind."""
    with i18n.language(message.lang):
        frame = {"base_url": base_url(), "mail_lang": message.lang}
        if message.wording:
            values = placeholders.values_of(message.kind, message.variables, message.lang)
            html = render_text("emails/worded.html", body=html_of(message.wording, values), **frame)
            subject = plain_header(subject_of(message.wording, values))
            return subject, text_of(message.wording, values), html
        folder = f"emails/{message.lang}/{message.kind}"
        variables = {**frame, **message.variables}
        subject = plain_header(render_text(f"{folder}.subject", **variables))
        return subject, render_text(f"{folder}.txt", **variables), render_text(f"{folder}.html", **variables)


async def _attach(files: Sequence[tuple[int, Attachment]]) -> None:
    """Write (mail, file) rows."""
    if files:
        await execute(
            "INSERT INTO mail_attachment (mail, filename, content_type, content, generator, argument) SELECT * FROM"
            " unnest(:mails::bigint[], :names::text[], :types::text[], :contents::bytea[], :generators::text[],"
            " :arguments::text[])",
            mails=[mail_id for mail_id, _ in files],
            names=[item.filename for _, item in files],
            types=[item.content_type for _, item in files],
            contents=[item.content for _, item in files],
            generators=[item.generator for _, item in files],
            arguments=[item.argument for _, item in files],
        )


@jobs.job(DELIVER)
async def deliver(payload: dict[str, Any]) -> None:
    """Send one mail. Safe to run twice: only a waiting row is taken, and a second copy has the same Message-ID.

    Without a mail server the mail keeps waiting for a process that has one.
    """
    if not sends():
        await jobs.enqueue(DELIVER, payload, after=retrying.WITHOUT_SERVER)
        return
    async with _conversations():
        await _deliver(payload["mail"])


async def _deliver(mail_id: int) -> None:
    mail = await fetch_one_as(
        MailRow,
        "UPDATE outgoing_mail SET state = 'sending', attempts = attempts + 1"  # noqa: S608 - constants of the code; values are named arguments
        f" WHERE id = :id AND (state IN ('queued', 'retry', 'sending')) RETURNING {MAIL_COLUMNS}",
        id=mail_id,
    )
    if mail is None:
        return
    try:
        message = await _as_it_leaves(mail)
    except (DomainError, LookupError, ValueError, MessageError) as error:
        log.warning("mail_cannot_be_built", mail=mail.id, error=repr(error))
        await _finish(mail.id, MailState.FAILED, error=repr(error)[:500])
        return
    try:
        await smtp.send(message)
    except (aiosmtplib.SMTPException, OSError) as error:
        await _failed(mail, error)
    else:
        await _finish(mail.id, MailState.SENT)
        await _sweep()


async def _sweep() -> None:
    """At most once per `SWEEP`: delete links and codes of mails sent days ago."""
    before, now = _swept(), clock.now()
    if before is None or now - before > SWEEP:
        _swept.set(now)
        await masking.drop_spent(now)


async def _as_it_leaves(mail: MailRow) -> EmailMessage:
    """The message with its links and codes. Raises what `build` raises, and Conflict when they have been deleted."""
    if masking.is_spent(mail):
        raise Conflict(SPENT)
    texts = masking.opened(mail)
    files = await attachments_of(mail.id)
    opened = [replace(item, content=texts.files.get(str(at), item.content)) for at, item in enumerate(files)]
    whole = msgspec.structs.replace(mail, subject=texts.subject, body_text=texts.text, body_html=texts.html)
    return build(whole, opened, SETTINGS().mail_from, crypto.open_text(mail.unsubscribe, masking.UNSUBSCRIBE))


async def attachments_of(mail_id: int) -> list[Attachment]:
    """The files of a mail; missing ones are generated now and stored. Raises what the generator raises."""
    rows = await fetch_as(Id, "SELECT id FROM mail_attachment WHERE mail = :mail ORDER BY id", mail=mail_id)
    return [await attachment(mail_id, row.id) for row in rows]


async def attachment(mail_id: int, attachment_id: int) -> Attachment:
    """One file of a mail. Raises NotFound."""
    row = await fetch_one_as(
        StoredFile,
        "SELECT filename, content_type, content, generator, argument FROM mail_attachment WHERE id = :id AND mail = :mail",
        id=attachment_id,
        mail=mail_id,
    )
    if row is None:
        raise NotFound
    content = row.content
    if content is None:
        content = await GENERATORS()[row.generator](row.argument)
        await MailAttachment.update({MailAttachment.content: content}).where(MailAttachment.id == attachment_id)
    return Attachment(row.filename, row.content_type, content)


async def _failed(mail: MailRow, error: Exception) -> None:
    final = smtp.is_final(error) or mail.attempts >= retrying.MAX_ATTEMPTS
    async with db.DB.transaction():
        await _finish(mail.id, MailState.FAILED if final else MailState.RETRY, error=repr(error)[:500])
        if not final:
            await jobs.enqueue(DELIVER, {"mail": mail.id}, after=retrying.wait_after(mail.attempts))


async def _finish(mail_id: int, state: MailState, *, error: str = "") -> None:
    sent_at = clock.now() if state is MailState.SENT else None
    values: dict[str, Any] = {"state": state, "last_error": error, "sent_at": sent_at}
    await OutgoingMail.update(**values).where(OutgoingMail.id == mail_id)


async def retry_mail(mail_id: int) -> None:
    """Retry a mail by hand: failed, waiting or kept. Raises NotFound for any other state.

    Raises Conflict when the link or code inside has been deleted, which is no longer valid then, and without a mail
    server.
    """
    if not sends():
        raise Conflict(retrying.NO_SERVER)
    async with db.DB.transaction():
        sql = f"SELECT {TEXT_COLUMNS} FROM outgoing_mail WHERE id = :id FOR UPDATE"  # noqa: S608 - constants of the code; values are named arguments
        mail = await fetch_one_as(StoredTexts, sql, id=mail_id)
        if mail is None:
            raise NotFound
        if masking.is_spent(mail):
            raise Conflict(SPENT)
        changed = await execute(
            "UPDATE outgoing_mail SET state = 'queued', attempts = 0, last_error = '' WHERE id = :id"
            " AND state IN ('failed', 'retry', 'kept')",
            id=mail_id,
        )
        if not changed:
            raise NotFound
        await jobs.enqueue(DELIVER, {"mail": mail_id})


async def retry_mails(state: str, kind: str = "") -> int:
    """Retry by hand all mails in a state, of one kind or all; returns how many. Raises Conflict as `retry_mail`."""
    if not sends():
        raise Conflict(retrying.NO_SERVER)
    return await retrying.retry_many(DELIVER, state, kind)
