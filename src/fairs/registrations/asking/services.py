"""Those who run an event build its forms: every change is of the draft, until it is published as a version."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import msgspec

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, versions
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_, Lazy
from fairs.core.rows import execute, fetch_value
from fairs.events import rules
from fairs.events.domain_events import EventCloned
from fairs.events.services import prepared_event
from fairs.registrations.asking import content as asked
from fairs.registrations.asking import forms, nights, on_badges, queries
from fairs.registrations.asking.content import CHOSEN, Content, Kind, Option, Question, Section
from fairs.registrations.asking.rows import FormRow
from fairs.units import catalogues

MOST = 120  # questions of a form
TAKEN = N_("There is a form for this category already")
TOO_LONG = N_("A form has at most %(limit)s questions", limit=MOST)
KEY_TAKEN = N_("Another question has this short name")
KEY_MEANT = N_("An earlier version asked something else under this short name")
KIND_STAYS = N_("This question was published: it keeps its kind of answer. Add another question instead.")
ANSWERED = N_("People have answered this form: it can be taken out of use, not removed")
SAME = N_("Nothing has changed since the last version")
IN_DRAFT = N_("Correct the points that are listed first")


def problems(content: Content) -> list[Lazy]:
    """Why a form cannot be published."""
    found: list[Lazy] = [] if list(content) else [N_("The form asks nothing yet")]
    earlier: dict[str, Question] = {}
    for question in content:
        name = question.label
        if question.kind in CHOSEN and len(question.options) < 2:
            found.append(N_("“%(question)s” needs at least two options", question=name))
        if question.kind == Kind.NIGHTS and (refused := nights.problem(question)) is not None:
            found.append(cast(Lazy, refused))
        if question.kind == Kind.SESSION and question is not content.sessions:
            found.append(N_("“%(question)s”: only one question of a form is answered with sessions", question=name))
        condition = question.show_if
        if condition is not None:
            other = earlier.get(condition.question)
            if other is None:
                found.append(N_("“%(question)s” depends on a question that does not come before it", question=name))
            elif other.kind in CHOSEN and any(other.option(value) is None for value in condition.values):
                found.append(N_("“%(question)s” depends on an option that is gone", question=name))
        if question.kind in CHOSEN and question.default:
            keys = [part.strip() for part in question.default.split(",")]
            if any(question.option(key) is None for key in keys):
                found.append(N_("“%(question)s” begins with an option that it does not have", question=name))
        earlier[question.key] = question
    return found


def template(key: str) -> Content:
    """The content of a template of the catalogue. Raises NotFound."""
    for item in catalogues.registration_forms():
        if item.key == key:
            return msgspec.convert({"sections": item.sections}, Content)
    raise NotFound


async def create_form(slug: str, form: forms.NewForm, *, by: Actor) -> int:
    """A new form, empty, from a template or from another form of the event. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared_event(slug, by)
        content = asked.EMPTY
        if form.start.startswith(forms.COPY):
            number = form.start.removeprefix(forms.COPY)
            _, other = await queries.form_of(by, slug, int(number) if number.isascii() and number.isdigit() else 0)
            content = asked.read(other.draft)
        elif form.start:
            content = template(form.start)
        with db.constraint_errors({"uq_registration_form": Conflict(TAKEN, code="taken")}):
            form_id = await fetch_value(
                int,
                "INSERT INTO registration_form (event, category, draft, updated_at) VALUES (:event, :category, :draft::text::jsonb, :now)"
                " RETURNING id",
                event=event.id,
                category=form.category,
                draft=asked.written(content),
                now=clock.now(),
            )
        after = {"category": form.category, "template": form.start}
        await record("registration_form.create", "registration_form", form_id, by=by, after=after)
    return form_id


async def _edit(slug: str, form_id: int, change: Callable[[Content], Content], *, by: Actor) -> None:
    """Store a changed draft, under the lock of the event."""
    async with db.transaction_or_join():
        await prepared_event(slug, by)
        _, row = await queries.form_of(by, slug, form_id)
        before = asked.read(row.draft)
        after = change(before)
        if after == before:
            return
        if len(list(after)) > MOST:
            raise Conflict(TOO_LONG, code="too_long")
        await _store(row, after)
        told = {"questions": len(list(before))}
        values = {"before": told, "after": {"questions": len(list(after))}}
        await record("registration_form.change", "registration_form", row.id, by=by, **values)


async def _store(row: FormRow, content: Content) -> None:
    await execute(
        "UPDATE registration_form SET draft = :draft::text::jsonb, updated_at = :now WHERE id = :id",
        draft=asked.written(content),
        now=clock.now(),
        id=row.id,
    )


def _replaced(content: Content, key: str, change: Callable[[Section], Section | None]) -> Content:
    """The content with one section changed, or without it. Raises NotFound."""
    if content.section(key) is None:
        raise NotFound
    changed = [change(section) if section.key == key else section for section in content.sections]
    return Content(tuple(section for section in changed if section is not None))


async def save_section(
    slug: str, form_id: int, key: str, form: forms.SectionForm, *, by: Actor, seen: str = ""
) -> None:
    """Change a section; without a key add one at the end. Raises NotFound, Outdated, Conflict."""
    texts = msgspec.structs.asdict(form)

    def change(content: Content) -> Content:
        if key:
            found = content.section(key)
            if found is not None:
                versions.require_current(form, forms.stored_section(found), seen)
            return _replaced(content, key, lambda section: msgspec.structs.replace(section, **texts))
        name = forms.free_key("section", [section.key for section in content.sections])
        return Content((*content.sections, Section(name, **texts)))

    await _edit(slug, form_id, change, by=by)


async def save_question(
    slug: str,
    form_id: int,
    key: str,
    form: forms.QuestionForm,
    options: tuple[Option, ...],
    *,
    by: Actor,
    seen: str = "",
) -> None:
    """Change a question; without a key add one at the end of its section. Raises NotFound, Outdated, Conflict, Invalid."""
    _, row = await queries.form_of(by, slug, form_id)
    known = await queries.once_asked(row.id)
    if form.kind in CHOSEN and len(options) < 2:
        raise Invalid(fields={"options": [forms.NO_OPTIONS]})

    def change(content: Content) -> Content:
        name = key or _new_key(content, known, form)
        question = form.question(name, options)
        before = known.question(name)
        if before is not None and before.kind != question.kind:
            raise Invalid(fields={"kind" if key else "key": [KIND_STAYS if key else KEY_MEANT]})
        section = content.section_of(key) if key else None
        if key and section is None:
            raise NotFound
        if section is not None:
            old = content.question(key)
            assert old is not None
            versions.require_current(form, forms.stored_question(old, section.key), seen)
        return _placed(content, question, form.section)

    await _edit(slug, form_id, change, by=by)


def _new_key(content: Content, known: Content, form: forms.QuestionForm) -> str:
    """The short name of a new question. Raises Invalid for one that is taken."""
    taken = [question.key for question in content]
    if form.key:
        if form.key in taken:
            raise Invalid(fields={"key": [KEY_TAKEN]})
        return form.key
    return forms.free_key(forms.slug(form.en) or "question", [*taken, *(question.key for question in known)])


def _placed(content: Content, question: Question, section_key: str) -> Content:
    """The content with a question in its place: where it was, else at the end of its section."""
    here = content.section_of(question.key)
    if here is not None and here.key == section_key:
        questions = tuple(question if one.key == question.key else one for one in here.questions)
        return _replaced(content, here.key, lambda section: msgspec.structs.replace(section, questions=questions))
    if here is not None:
        content = _without(content, question.key)
    return _replaced(
        content, section_key, lambda section: msgspec.structs.replace(section, questions=(*section.questions, question))
    )


def _without(content: Content, key: str) -> Content:
    """The content without a question, or without a section and what it asks."""
    sections = []
    for section in content.sections:
        if section.key == key:
            continue
        questions = tuple(question for question in section.questions if question.key != key)
        sections.append(msgspec.structs.replace(section, questions=questions))
    return Content(tuple(sections))


async def remove_part(slug: str, form_id: int, part: str, *, by: Actor) -> None:
    """Remove a question, or a section and what it asks; what people answered to earlier versions stays. Raises NotFound."""
    what, _, key = part.partition(":")

    def change(content: Content) -> Content:
        if what == "section":
            return _replaced(content, key, lambda _: None)
        if content.section_of(key) is None:
            raise NotFound
        return _without(content, key)

    await _edit(slug, form_id, change, by=by)


async def move_part(slug: str, form_id: int, part: str, *, up: bool, by: Actor) -> None:
    """Move a question or a section one place; a question at the edge of its section goes to the next one. Raises NotFound."""
    what, _, key = part.partition(":")

    def change(content: Content) -> Content:
        if what == "section":
            keys = [section.key for section in content.sections]
            if key not in keys:
                raise NotFound
            return Content(tuple(_swapped(list(content.sections), keys.index(key), up=up)))
        return _question_moved(content, key, up=up)

    await _edit(slug, form_id, change, by=by)


def _swapped(items: list[Any], at: int, *, up: bool) -> list[Any]:
    other = at - 1 if up else at + 1
    if 0 <= other < len(items):
        items[at], items[other] = items[other], items[at]
    return items


def _question_moved(content: Content, key: str, *, up: bool) -> Content:
    here = content.section_of(key)
    question = content.question(key)
    if here is None or question is None:
        raise NotFound
    keys = [one.key for one in here.questions]
    at = keys.index(key)
    if 0 <= (at - 1 if up else at + 1) < len(keys):
        questions = tuple(_swapped(list(here.questions), at, up=up))
        return _replaced(content, here.key, lambda section: msgspec.structs.replace(section, questions=questions))
    sections = [section.key for section in content.sections]
    other = sections.index(here.key) + (-1 if up else 1)
    if not 0 <= other < len(sections):
        return content
    there = content.sections[other]
    questions = (*there.questions, question) if up else (question, *there.questions)
    return _replaced(
        _without(content, key), there.key, lambda section: msgspec.structs.replace(section, questions=questions)
    )


async def publish_form(slug: str, form_id: int, *, by: Actor) -> int:
    """The draft becomes the next version, and people are asked it; its number. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        await prepared_event(slug, by)
        _, row = await queries.form_of(by, slug, form_id)
        content = asked.read(row.draft)
        if problems(content):
            raise Conflict(IN_DRAFT, code="problems")
        same = row.number and asked.read(row.content) == content
        if same and row.in_use:
            raise Conflict(SAME, code="same")
        number = row.number if same else row.number + 1
        if not same:
            await execute(
                "INSERT INTO registration_form_version (form, number, content, published_at, published_by)"
                " SELECT id, :number, draft, :now, :account FROM registration_form WHERE id = :form",
                form=row.id,
                number=number,
                now=clock.now(),
                account=by.account_id,
            )
        await execute("UPDATE registration_form SET in_use = true WHERE id = :id", id=row.id)
        await on_badges.mark_photos(row.id, content)
        after = {"version": number, "questions": len(list(content))}
        await record("registration_form.publish", "registration_form", row.id, by=by, after=after)
    return number


async def withdraw_form(slug: str, form_id: int, *, by: Actor) -> None:
    """The form is asked no longer; answers stay. Raises NotFound."""
    async with db.transaction_or_join():
        await prepared_event(slug, by)
        _, row = await queries.form_of(by, slug, form_id)
        if not row.in_use:
            return
        await execute("UPDATE registration_form SET in_use = false WHERE id = :id", id=row.id)
        await record("registration_form.withdraw", "registration_form", row.id, by=by, before={"version": row.number})


async def take_version(slug: str, form_id: int, number: int, *, by: Actor) -> None:
    """The draft becomes what an earlier version was. Raises NotFound."""
    async with db.transaction_or_join():
        await prepared_event(slug, by)
        _, row = await queries.form_of(by, slug, form_id)
        found = next((one for one in await queries.versions_of(row.id) if one.number == number), None)
        if found is None:
            raise NotFound
        await _store(row, asked.read(found.content))
        after = {"version": number}
        await record("registration_form.change", "registration_form", row.id, by=by, after=after)


async def set_until(slug: str, form_id: int, until: datetime | None, *, by: Actor) -> None:
    """Until when people change their answers. Raises NotFound, Invalid."""
    async with db.transaction_or_join():
        event = await prepared_event(slug, by)
        _, row = await queries.form_of(by, slug, form_id)
        if until is not None and (not rules.is_plausible(until) or until > event.ends_at):
            raise Invalid(fields={"answers_until": [N_("This is after the end of the event")]})
        if until == row.answers_until:
            return
        await execute("UPDATE registration_form SET answers_until = :until WHERE id = :id", until=until, id=row.id)
        values = {"before": {"answers_until": row.answers_until}, "after": {"answers_until": until}}
        await record("registration_form.change", "registration_form", row.id, by=by, **values)


async def remove_form(slug: str, form_id: int, *, by: Actor) -> None:
    """Remove a form that nobody has answered. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        await prepared_event(slug, by)
        _, row = await queries.form_of(by, slug, form_id)
        with db.constraint_errors({"registration_answers_version_fkey": Conflict(ANSWERED, code="answered")}):
            await execute("DELETE FROM registration_form WHERE id = :id", id=row.id)
        before = {"category": row.category, "questions": len(list(asked.read(row.draft)))}
        await record("registration_form.remove", "registration_form", row.id, by=by, before=before)


async def on_event_cloned(event: EventCloned) -> None:
    """A copied event has the forms as they were asked, as first versions, and their dates moved by the same days."""
    both: dict[str, Any] = {"old": list(event.pairs), "new": list(event.pairs.values()), "now": clock.now()}
    await execute(
        "INSERT INTO registration_form (event, category, draft, in_use, answers_until, updated_at)"
        " SELECT m.new, f.category, f.draft, f.in_use,"
        " ((f.answers_until AT TIME ZONE e.timezone) + make_interval(days => :days)) AT TIME ZONE e.timezone, :now"
        " FROM unnest(:old::bigint[], :new::bigint[]) AS m (old, new) JOIN event e ON e.id = m.old"
        " JOIN registration_form f ON f.event = m.old ORDER BY f.id",
        **both,
        days=event.days,
    )
    await execute(
        "INSERT INTO registration_form_version (form, number, content, published_at)"
        " SELECT n.id, 1, v.content, :now FROM unnest(:old::bigint[], :new::bigint[]) AS m (old, new)"
        " JOIN registration_form f ON f.event = m.old AND f.in_use JOIN registration_form n ON n.event = m.new AND n.category = f.category"
        " JOIN LATERAL (SELECT content FROM registration_form_version WHERE form = f.id ORDER BY number DESC LIMIT 1) v ON true"
        " ORDER BY n.id",
        **both,
    )
