"""Addresses without mailings: added and removed by the organisers, with a reason; reports of other systems taken in."""

from collections.abc import Sequence
from typing import Annotated, Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import db
from fairs.core.errors import Conflict, Invalid
from fairs.core.forms import Field, Form
from fairs.core.i18n import N_
from fairs.core.mailboxes import NoAddress, read
from fairs.notifications import bounces, suppressing
from fairs.notifications.bounces import Report
from fairs.notifications.tables import Suppressed

MOST = 500  # reports in one call
KINDS: dict[str, object] = {
    Suppressed.BOUNCED: N_("Mail came back"),
    Suppressed.COMPLAINT: N_("Complained"),
    Suppressed.NEWSLETTER: N_("Left the newsletter"),
    Suppressed.BY_HAND: N_("Entered by hand"),
}


def _refusal(text: str) -> object | None:
    try:
        read(text)
    except NoAddress as error:
        return error.message
    return None


class SuppressForm(Form):
    """An address that shall get no mailings."""

    address: Annotated[str, Field(N_("E-mail address"), widget="email", max_length=254, rule=_refusal)]
    note: Annotated[str, Field(N_("Reason"), max_length=300, min_length=3)]


class LiftForm(Form):
    """Why an address gets mailings again."""

    reason: Annotated[str, Field(N_("Reason"), max_length=300, min_length=3)]


async def add(form: SuppressForm, *, by: Actor) -> None:
    """Enter an address by hand. Raises Conflict when it is there."""
    async with db.DB.transaction():
        made = await suppressing.suppress(form.address, Suppressed.BY_HAND, form.note)
        if made is None:
            raise Conflict(N_("This address is in the list already."))
        await record("mail_suppression.add", "mail_suppression", made, by=by, after={"note": form.note})


async def remove(suppression_id: int, form: LiftForm, *, by: Actor) -> None:
    """Take an address off the list, with a reason. Raises NotFound, Conflict for what only its owner may undo."""
    async with db.DB.transaction():
        row = await suppressing.suppression_by_id(suppression_id)
        if row.kind is Suppressed.NEWSLETTER:
            raise Conflict(N_("The owner of this address left the newsletter. Only the owner can come back."))
        await suppressing.lift(row.id)
        before = {"kind": row.kind.value, "note": row.note}
        await record(
            "mail_suppression.remove", "mail_suppression", row.id, by=by, before=before, after={"reason": form.reason}
        )


def read_events(data: Any) -> list[Report]:
    """The reports of a call. Raises Invalid, which names the first event that cannot be read."""
    events = data.get("events") if isinstance(data, dict) else None
    if not isinstance(events, list) or not 0 < len(events) <= MOST:
        raise Invalid(fields={"events": [N_("A list of 1 to %(most)s events.", most=MOST)]})
    return [_event(at, item) for at, item in enumerate(events)]


def _event(at: int, item: Any) -> Report:
    good = isinstance(item, dict) and all(
        isinstance(item.get(name, ""), str) for name in ("message_id", "address", "text", "kind")
    )
    about = item.get("kind", "bounce") if good else ""
    permanent = item.get("permanent", True) if good else None
    if (
        not good
        or about not in ("bounce", "complaint")
        or not isinstance(permanent, bool)
        or not item.get("message_id")
    ):
        message = N_("It needs message_id, and may have address, kind (bounce or complaint), permanent and text.")
        raise Invalid(fields={f"events.{at}": [message]})
    text = item.get("text", "").replace("\0", "")
    return Report(item.get("address", ""), permanent, about == "complaint", text, item["message_id"])


async def take_all(reports: Sequence[Report]) -> int:
    """Take reports in; returns how many were about a mail of ours."""
    return sum([await bounces.take(report) for report in reports])
