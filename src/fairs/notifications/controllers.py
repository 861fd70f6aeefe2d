"""The outbox: every mail with its state and content; retry by hand."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from fairs.core.errors import NotFound
from fairs.core.i18n import N_
from fairs.core.pagination import window
from fairs.core.roles import Role
from fairs.notifications import masking, queries, services
from fairs.notifications.retrying import RETRIABLE
from fairs.notifications.tables import MailState
from fairs.web import access, downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

ORGANISERS = access.roles(Role.ORGANISER, Role.ADMIN)
MAILS = 25  # per page
STATES: dict[str, tuple[str, object]] = {  # state → kind of badge, word
    MailState.HELD: ("warning", N_("Waits until the address is confirmed")),
    MailState.QUEUED: ("progress", N_("Waiting to be sent")),
    MailState.SENDING: ("progress", N_("Being sent")),
    MailState.SENT: ("success", N_("Sent")),
    MailState.KEPT: ("neutral", N_("Kept here")),
    MailState.RETRY: ("warning", N_("Will be tried again")),
    MailState.FAILED: ("danger", N_("Could not be sent")),
    MailState.BOUNCED: ("danger", N_("Came back")),
    MailState.ABORTED: ("neutral", N_("Stopped before it was sent")),
}
KINDS: dict[str, object] = {
    "sign_in_link": N_("Sign-in link"),
    "confirm_address": N_("Please confirm your address"),
    "reset_password": N_("New password"),
    "change_address": N_("New address to confirm"),
    "address_changed": N_("Address changed"),
    "account_closed": N_("Account closed"),
    "presence_code": N_("Code to confirm an act"),
    "two_factor_reset": N_("Second step switched off"),
    "passkey_added": N_("Passkey added"),
    "registration_confirmed": N_("Registration confirmed"),
    "registration_waitlisted": N_("Waiting list"),
    "place_offered": N_("Offered place"),
    "place_lapsed": N_("Offered place lapsed"),
    "registration_promoted": N_("Moved up from the waiting list"),
    "registration_cancelled": N_("Registration cancelled"),
    "registration_pending": N_("Registration under review"),
    "registration_reviewed": N_("Answers reviewed"),
    "registration_rejected": N_("Registration not accepted"),
    "registration_moved": N_("Fair or session moved"),
    "event_cancelled": N_("Fair cancelled"),
    "session_cancelled": N_("Session cancelled"),
    "badge_reissued": N_("New badge"),
    "maybe_registered_twice": N_("Perhaps registered twice"),
    "organisation_received": N_("Employer signed up"),
    "invitation": N_("Invitation to a role"),
    "organisation_reopened": N_("Decision on an organisation undone"),
    "organisation_approved": N_("Employer approved"),
    "organisation_rejected": N_("Employer asked for a correction"),
    "exhibit_released": N_("Exhibit released"),
    "exhibit_returned": N_("Exhibit sent back"),
    "service_asked": N_("Expert asked to go to a county"),
    "interest_mutual": N_("Interest on both sides"),
    "wishes_digest": N_("Daily mail about wishes"),
    "meeting_scheduled": N_("Meeting booked"),
    "meeting_cancelled": N_("Meeting cancelled"),
    "meeting_moved": N_("Place of a meeting changed"),
    "agreement_to_sign": N_("Agreement to sign"),
    "signing_code": N_("Code to sign"),
    "agreement_signed": N_("Agreement signed"),
    "agreement_verified": N_("Agreement verified"),
    "agreement_unverified": N_("Verification undone"),
    "agreement_ended": N_("Agreement ended"),
    "agreement_lapsed": N_("Agreement lapsed"),
    "agreement_follow_up": N_("Question about an agreement"),
    "registration_reminder": N_("Reminder before the fair"),
    "meetings_reminder": N_("Reminder of meetings"),
    "registration_list": N_("List of registrations"),
    "work_digest": N_("Morning mail to the staff"),
    "webhook_paused": N_("Webhook paused"),
    "agreement_returned": N_("Agreement sent back"),
    "tour_invited": N_("Invitation to a tour"),
    "tour_news": N_("News of a tour"),
    "tour_thanks": N_("Thanks after a tour"),
    "tour_stop_asked": N_("Question to the host of a stop"),
}
OF_PEOPLE: dict[str, object] = {
    "mailing": N_("Mailing"),
    "newsletter": N_("Newsletter"),
}  # written on a page, without templates
HANDED = frozenset({"confirm_address"})  # an administrator passes its link on where no mail leaves
# The body of a mail is markup of our own templates; even so, nothing in it may run or load anything.
MAIL_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"


def kind_label(kind: str) -> str:
    """The name of a kind of mail; an unknown kind itself."""
    return str((KINDS | OF_PEOPLE).get(kind, kind.replace("_", " ")))


def state_badge(state: str) -> tuple[str, str]:
    """(kind of badge, word) of a mail's state."""
    kind, word = STATES[state]
    return kind, str(word)


def _query(request: AnyRequest) -> dict[str, str]:
    given = request.query_params
    found = {"q": str(given.get("q", ""))[:100].strip(), "kind": str(given.get("kind", ""))[:60].replace("\0", "")}
    found["state"] = given.get("state", "") if given.get("state", "") in STATES else ""
    return {name: value for name, value in found.items() if value}


@get("/organise/outbox", name="outbox", opt=ORGANISERS)
async def outbox(request: Request[Any, Any, Any]) -> Response[Any]:
    """All mails, the newest first."""
    query = _query(request)
    number = page_number(request)
    return render(
        request,
        "notifications/outbox.html",
        query=query,
        page=await queries.search_mails(
            q=query.get("q", ""), state=query.get("state", ""), kind=query.get("kind", ""), window=window(number, MAILS)
        ),
        counts=await queries.counts_by_state(),
        states=[(str(name), str(word)) for name, (_, word) in STATES.items()],
        kinds=[(kind, kind_label(kind)) for kind in await queries.kinds()],
        kept=not services.sends(),
        retriable=await queries.waiting_by_kind(RETRIABLE) if services.sends() else [],
        kind_label=kind_label,
        state_badge=state_badge,
    )


@get("/organise/outbox/{mail_id:int}", name="outbox_mail", opt=ORGANISERS)
async def outbox_mail(request: Request[Any, Any, Any], mail_id: FromPath[int]) -> Response[Any]:
    """One mail: recipient, content, files, error."""
    mail = await queries.mail_by_id(mail_id)
    return render(
        request,
        "notifications/mail.html",
        mail=mail,
        files=await queries.files_of(mail_id),
        kind=kind_label(mail.kind),
        state=state_badge(mail.state),
        can_retry=services.sends() and mail.state in RETRIABLE and not masking.is_spent(mail),
        sender=services.mail_from(),
        is_masked=bool(mail.sealed) or masking.is_spent(mail),
        hands_link=mail.kind in HANDED and mail.state is MailState.KEPT and bool(mail.sealed) and not services.sends(),
    )


@get("/organise/outbox/{mail_id:int}/html", name="outbox_html", opt=ORGANISERS)
async def outbox_html(mail_id: FromPath[int]) -> Response[str]:
    """The mail as its reader sees it, on a separate page where nothing runs or loads."""
    mail = await queries.mail_by_id(mail_id)
    headers = {"content-security-policy": MAIL_CSP, "cache-control": "no-store"}
    return Response(mail.body_html, media_type="text/html; charset=utf-8", headers=headers)


@get("/organise/outbox/{mail_id:int}/files/{file_id:int}", name="outbox_attachment", opt=ORGANISERS)
async def outbox_attachment(mail_id: FromPath[int], file_id: FromPath[int]) -> Response[bytes]:
    """A file of a mail; always a download."""
    if max(mail_id, file_id) >= 2**63:
        raise NotFound
    found = await services.attachment(mail_id, file_id)
    name = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter == ".") else "-" for letter in found.filename
    )
    return downloads.file(found.content or b"", name, found.content_type)


@post("/organise/outbox/{mail_id:int}/retry", name="retry_mail", opt=ORGANISERS, status_code=303)
async def retry_mail(request: Request[Any, Any, Any], mail_id: FromPath[int]) -> Response[Any]:
    """Puts a mail back into the queue."""
    await queries.mail_by_id(mail_id)
    await services.retry_mail(mail_id)
    return redirect(request, "outbox_mail", flash=N_("The mail is queued again."), mail_id=mail_id)


@post("/organise/outbox/retry", name="retry_mails", opt=ORGANISERS, status_code=303)
async def retry_mails(request: Request[Any, Any, Any]) -> Response[Any]:
    """Puts all mails of a state back into the queue, of one kind or of all."""
    given = await request.form()
    state, kind = (str(given.get(name) or "")[:60].replace("\0", "") for name in ("state", "kind"))
    count = await services.retry_mails(state, kind)
    return redirect(request, "outbox", flash=N_("Mails queued again: %(count)s", count=count))


HANDLERS: list[Any] = [outbox, retry_mails, outbox_mail, outbox_html, outbox_attachment, retry_mail]
