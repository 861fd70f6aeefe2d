"""Pages of wishes and meetings: the candidate's, the employer's, the organiser's hall."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.accounts.returning import safe_next
from fairs.accounts.undoing import UndoForm, may_undo
from fairs.core import clock
from fairs.core.errors import Conflict, Forbidden, Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, format_span
from fairs.core.roles import Role
from fairs.core.wishes import Level, Side
from fairs.events.choosing import asked_fair
from fairs.events.queries import event_for
from fairs.events.running import RUNNERS
from fairs.meetings import emails, pages, queries, rules, services
from fairs.meetings.attendance import controllers as attendance_controllers
from fairs.meetings.attendance import services as attendance
from fairs.meetings.attendance import table_pages
from fairs.meetings.attendance.queries import seen_at
from fairs.meetings.digest import controllers as digest_controllers
from fairs.meetings.forms import BookingForm, CancelForm, OutcomeForm, PreferenceForm, SlotsForm, TablesForm
from fairs.meetings.giving import controllers as giving_controllers
from fairs.meetings.rows import MeetingRow
from fairs.meetings.scheduling import controllers as schedule_controllers
from fairs.meetings.scheduling import pages as schedule_pages
from fairs.meetings.scheduling import slots_and_tables
from fairs.meetings.tables import MeetingOutcome, MeetingState
from fairs.notifications import calendars
from fairs.notifications.services import told
from fairs.talents.journey import journey_of
from fairs.web import access, downloads
from fairs.web.templating import AnyRequest, redirect, redirect_to, render, reverse

BOTH = access.roles(Role.CANDIDATE, Role.EMPLOYER)
EMPLOYER = access.roles(Role.EMPLOYER)
WITH_ORGANISER = access.roles(Role.CANDIDATE, Role.EMPLOYER, Role.ORGANISER, Role.ADMIN)
SAID: dict[str, object] = {
    Level.MUST: N_("Noted: you want to meet, before all others."),
    Level.MEET: N_("Noted: you want to meet."),
    Level.NO: N_("Noted. You find it under Meetings, if you change your mind."),
    "": N_("Taken back."),
}
FIRST = N_("First a few words about yourself, so that employers know who wants to meet them.")
MUTUAL = N_("Both sides want to meet. The employer can book a table now; both sides are notified by mail.")
MUTUAL_HERE = N_("Both sides want to meet. The employer can book a table now.")


@post("/preferences", name="express_preference", opt=BOTH, status_code=303)
async def express_preference(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Stores one side's wish, and redirects back to the page it was sent from."""
    data = await request.form()
    form = bind(PreferenceForm, data).value
    employer = form.talent is not None
    talent_id = form.talent if form.talent is not None else await queries.find_talent_id(actor)
    if talent_id is None:
        if Role.CANDIDATE not in actor.roles:
            raise Invalid(fields={"talent": [N_("Please fill this in")]})
        return redirect(request, "my_profile", flash=FIRST, kind="info")
    home = reverse(request, "employer_meetings" if employer else "my_meetings")
    target = safe_next(request, data.get("next")) if data.get("next") else home
    try:
        said = await services.express(
            form.listing, talent_id, form.level, side=Side.EMPLOYER if employer else Side.TALENT, by=actor
        )
    except Conflict as refused:
        if refused.code == services.IS_PRIVATE and not employer:
            return redirect(request, "my_profile", flash=refused.message, kind="warning", query="#visibility")
        if refused.code == services.MUST_LIMIT:
            return redirect_to(request, target, flash=refused.message, kind="warning")
        raise
    return redirect_to(request, target, flash=told(MUTUAL, MUTUAL_HERE) if said.news else SAID[form.level])


@get("/me/meetings", name="my_meetings", opt=access.roles(Role.CANDIDATE))
async def my_meetings(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The candidate's timetable, requests of employers, and all their wishes."""
    return render(request, "meetings/my_meetings.html", steps=await journey_of(actor), **await pages.of_talent(actor))


@get("/me/meetings.ics", name="my_meetings_ics", opt=access.roles(Role.CANDIDATE))
async def my_meetings_ics(actor: NamedDependency[Actor]) -> Response[bytes]:
    """All of the candidate's meetings as one calendar."""
    rows = await queries.meetings_of_talent(await queries.talent_id_of(actor))
    return _ics([await emails.entry(row, Side.TALENT) for row in rows], "meetings.ics")


@get("/meetings/{meeting_id:int}/meeting.ics", name="meeting_ics", opt=BOTH)
async def meeting_ics(meeting_id: FromPath[int], actor: NamedDependency[Actor]) -> Response[bytes]:
    """One meeting, for either side's calendar."""
    row = await queries.meeting_for(actor, meeting_id)
    side = Side.TALENT if row.talent_account == actor.account_id else Side.EMPLOYER
    return _ics([await emails.entry(row, side)], f"meeting-{meeting_id}.ics")


def _ics(entries: list[calendars.Entry], filename: str) -> Response[bytes]:
    return downloads.file(calendars.calendar(entries), filename, calendars.CONTENT_TYPE)


@get("/employer/meetings", name="employer_meetings", opt=EMPLOYER)
async def employer_meetings(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The employer's timetable, requests waiting, pairs to book."""
    shown = await pages.of_employer(actor, await asked_fair(request, actor))
    return render(request, "meetings/employer_meetings.html", **shown)


@post("/meetings", name="book_meeting", opt=EMPLOYER, status_code=303)
async def book_meeting(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Books a pair; when the slot was taken meanwhile, a small page shows the slots still free for this pair."""
    form = bind(BookingForm, await request.form()).value
    try:
        meeting_id = await services.book(form.listing, form.talent, form.slot, by=actor)
    except Conflict as refused:
        shown = await pages.of_refusal(form.listing, form.talent)
        status = refused.status
        return render(request, "meetings/not_booked.html", status=status, refused=refused.message, **shown)
    by_mail = N_("The meeting is booked. Both sides get the invitation by mail.")
    flash = told(by_mail, N_("The meeting is booked. It is in both sides' timetables."))
    return redirect(request, "employer_meetings", flash=flash, query=f"#meeting-{meeting_id}")


@get("/meetings/{meeting_id:int}/cancel", name="cancel_meeting_page", opt=WITH_ORGANISER)
async def cancel_meeting_page(
    request: Request[Any, Any, Any], meeting_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Asks for the reason of a cancellation; of a cancelled meeting: who cancelled it, why, and the way back."""
    return _cancel_page(request, actor, await queries.meeting_for(actor, meeting_id), blank(CancelForm))


def _cancel_page(
    request: AnyRequest, actor: Actor, row: MeetingRow, form: Bound[CancelForm], status: int = 200
) -> Response[Any]:
    return render(
        request,
        "meetings/cancel.html",
        status=status,
        meeting=row,
        form=form,
        undo_form=blank(UndoForm),
        may_undo=may_undo(actor, row.cancelled_by, row.cancelled_at),
        may_cancel=row.state == MeetingState.SCHEDULED and not rules.has_begun(row, clock.now()),
        home=_home(row, actor),
    )


def _home(row: MeetingRow, actor: Actor) -> str:
    """Where the actor sees the meeting; the organiser only on its own page."""
    side = services.side_of(row, actor)
    return {str(Side.TALENT): "my_meetings", str(Side.EMPLOYER): "employer_meetings"}.get(str(side), "")


@post("/meetings/{meeting_id:int}/cancel", name="cancel_meeting", opt=WITH_ORGANISER, status_code=303)
async def cancel_meeting(
    request: Request[Any, Any, Any], meeting_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Cancels a meeting."""
    row = await queries.meeting_for(actor, meeting_id)
    form = bind(CancelForm, await request.form())
    if not form.ok:
        return _cancel_page(request, actor, row, form, 422)
    try:
        await services.cancel(meeting_id, by=actor, reason=form.value.reason)
    except Conflict as refused:
        return _after(request, actor, row, refused.message, "warning")
    except Invalid as refused:
        form.add_errors(refused)
        return _cancel_page(request, actor, row, form, 422)
    return _after(request, actor, row, told(CANCELLED_BY_MAIL, CANCELLED_HERE))


def _after(request: AnyRequest, actor: Actor, row: MeetingRow, flash: object, kind: str = "success") -> Response[Any]:
    if home := _home(row, actor):
        return redirect(request, home, flash=flash, kind=kind)
    return redirect(request, "cancel_meeting_page", flash=flash, kind=kind, meeting_id=row.id)


@post("/meetings/{meeting_id:int}/restore", name="restore_meeting", opt=WITH_ORGANISER, status_code=303)
async def restore_meeting(
    request: Request[Any, Any, Any], meeting_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Undoes a cancellation, if slot and table are still free."""
    row = await queries.meeting_for(actor, meeting_id)
    form = bind(UndoForm, await request.form())
    try:
        await services.restore(meeting_id, reason=form.value.reason, by=actor)
    except (Conflict, Forbidden, Invalid) as refused:
        message = form.errors["reason"][0] if form.errors else refused.message
        return redirect(request, "cancel_meeting_page", flash=message, kind="warning", meeting_id=meeting_id)
    return _after(request, actor, row, N_("The meeting is on again, at the same hour and table. Both sides are told."))


@get("/meetings/{meeting_id:int}/outcome", name="outcome_page", opt=EMPLOYER)
async def outcome_page(
    request: Request[Any, Any, Any], meeting_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form for a meeting's outcome."""
    row = await queries.employer_meeting_for(actor, meeting_id)
    state = row.state if row.state in (MeetingState.HELD, MeetingState.NO_SHOW) else None
    form = blank(OutcomeForm, state=state, outcome=row.outcome or None, note=row.note)
    return await _outcome(request, row, form)


async def _outcome(request: AnyRequest, row: MeetingRow, form: Bound[OutcomeForm], status: int = 200) -> Response[Any]:
    names = emails.names(row, Side.EMPLOYER)
    seen = await seen_at(row.id)
    return render(request, "meetings/outcome.html", status=status, meeting=row, form=form, names=names, seen=seen)


@post("/meetings/{meeting_id:int}/outcome", name="meeting_outcome", opt=EMPLOYER, status_code=303)
async def meeting_outcome(
    request: Request[Any, Any, Any], meeting_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores a meeting's outcome; an intent leads on to its agreement."""
    row = await queries.employer_meeting_for(actor, meeting_id)
    form = bind(OutcomeForm, await request.form())
    if form.ok:
        try:
            await services.record_outcome(meeting_id, form.value, by=actor)
        except Conflict as refused:
            form.add_error("", refused.message)
            return await _outcome(request, row, form, refused.status)
        if form.value.state == MeetingState.HELD and form.value.outcome == MeetingOutcome.INTENT:
            flash = N_("The outcome is saved. Next: the agreement.")
            return redirect(request, "draw_up", flash=flash, meeting_id=meeting_id)
        return redirect(request, "employer_meetings", flash=N_("The outcome is saved."), query=f"#meeting-{meeting_id}")
    return await _outcome(request, row, form, 422)


CANCELLED_BY_MAIL = N_("The meeting is cancelled. Both sides are notified by mail. It can be undone for ten minutes.")
CANCELLED_HERE = N_(
    "The meeting is cancelled. Both sides see it in their timetables. It can be undone for ten minutes."
)


async def _hall(
    request: AnyRequest, actor: Actor, slug: str, slots: Any = None, tables: Any = None, status: int = 200
) -> Response[Any]:
    event = await event_for(actor, slug)
    await attendance.bring_up(event.id)
    if slots is None:
        slots = blank(SlotsForm, in_zone=event.timezone, starts_at=event.starts_at)
    return render(
        request,
        "meetings/hall.html",
        status=status,
        event=event,
        counts=await queries.hall(event.id),
        schedule_shown=await schedule_pages.of_event(event),
        days=pages.by_day(await queries.slots(event.id), event.timezone),
        slots_form=slots,
        tables_form=tables if tables is not None else blank(TablesForm),
    )


@get("/organise/editions/{slug:str}/hall", name="hall", opt=RUNNERS)
async def hall_page(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Slots and tables of an event, with their meetings."""
    return await _hall(request, actor, slug)


@post("/organise/editions/{slug:str}/hall/slots", name="make_slots", opt=RUNNERS, status_code=303)
async def make_slots(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds a row of slots."""
    event = await event_for(actor, slug)
    form = bind(SlotsForm, await request.form(), zone=event.timezone)
    if form.ok:
        wanted = form.value
        odd = rules.at_odd_hours(
            rules.spans(wanted.starts_at, wanted.minutes, wanted.count, wanted.gap), event.timezone
        )
        if odd and not wanted.at_any_hour:
            span = format_span(*odd[0], event.timezone)
            message = N_(
                "Some slots are before 08:00 or after 18:30, the first one: %(span)s. Is this intended?", span=span
            )
            form.add_error("at_any_hour", message)
            return await _hall(request, actor, slug, slots=form, status=409)
        try:
            await slots_and_tables.create_slots(
                event.id,
                wanted.starts_at,
                wanted.minutes,
                wanted.count,
                gap=wanted.gap,
                ahead=wanted.ahead,
                by=actor,
            )
        except (Conflict, Invalid) as refused:
            form.add_error("", refused.message)
            return await _hall(request, actor, slug, slots=form, status=refused.status)
        return redirect(request, "hall", slug=slug, flash=N_("The slots are added."))
    return await _hall(request, actor, slug, slots=form, status=422)


@post("/organise/editions/{slug:str}/hall/tables", name="make_tables", opt=RUNNERS, status_code=303)
async def make_tables(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds the missing tables."""
    event = await event_for(actor, slug)
    form = bind(TablesForm, await request.form())
    if form.ok:
        wanted = form.value
        try:
            added = await slots_and_tables.create_tables(
                event.id, shared=wanted.shared, per_organisation=wanted.per_organisation, by=actor
            )
        except Invalid as refused:
            form.add_error("", refused.message)
            return await _hall(request, actor, slug, tables=form, status=422)
        return redirect(request, "hall", slug=slug, flash=N_("Tables added: %(count)s", count=added))
    return await _hall(request, actor, slug, tables=form, status=422)


HANDLERS = [
    express_preference,
    my_meetings,
    my_meetings_ics,
    meeting_ics,
    employer_meetings,
    book_meeting,
    cancel_meeting_page,
    cancel_meeting,
    restore_meeting,
    outcome_page,
    meeting_outcome,
    hall_page,
    make_slots,
    make_tables,
    *attendance_controllers.HANDLERS,
    *table_pages.HANDLERS,
    *digest_controllers.HANDLERS,
    *schedule_controllers.HANDLERS,
    *giving_controllers.HANDLERS,
]
