"""The answers of a registration as somebody may read them, and what they tell on its page in the working list."""

from typing import Any

from fairs.accounts.actor import Actor
from fairs.core.i18n import N_
from fairs.files import queries as files
from fairs.registrations.asking import content as asked
from fairs.registrations.asking import labels, queries
from fairs.registrations.asking.content import SeenBy
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.working.person import Line, Section


async def read_answers(row: RegistrationRow, level: SeenBy | None) -> dict[str, Any]:
    """What this reader sees: the questions as they were asked, answers that are no longer asked, the files."""
    stored = (await queries.answers_of([row.id])).get(row.id)
    if stored is None:
        return {"lines": [], "files": [], "stored": None}
    values = queries.opened(stored)
    content = asked.read(stored.content)
    lines = labels.lines(content, values, level=level)
    later = {key: value for key, value in values.items() if content.question(key) is None}
    everything = await queries.once_asked(stored.form) if later else content
    lines += labels.lines(everything, later, level=level) if later else []
    held = (await queries.files_of([row.id])).get(row.id, {})
    known = await files.files_of(list(held.values()))
    shown = []
    for key, file_id in held.items():
        question = content.question(key) or (await queries.once_asked(stored.form)).question(key)
        if question and file_id in known and (level is None or asked.readable(question, level)):
            shown.append((question, known[file_id]))
    return {"lines": lines, "files": shown, "stored": stored}


async def answers_of(row: RegistrationRow, actor: Actor) -> Section:
    """The answers that this actor may read, numbers of documents masked; they are opened and changed on a page of their own."""
    given = await read_answers(row, queries.level_of(actor, row))
    facts = [(question.label, text) for question, text in given["lines"]]
    facts += [(question.label, file.name) for question, file in given["files"]]
    own = Line(str(N_("Open and change the answers")), route="my_answers", values={"number": row.number})
    return Section(N_("Answers"), [own] if given["stored"] else [], N_("No answers yet."), facts)
