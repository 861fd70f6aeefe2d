"""The plan of a hall: its booths, what stands at them, and the gates that count who comes."""

from collections.abc import Sequence
from typing import Any

import msgspec

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute
from fairs.events import services as events
from fairs.events.place_forms import GateForm
from fairs.events.queries import gates_of
from fairs.events.services import locked_event, prepared_event
from fairs.events.tables import GateKind
from fairs.exhibits import queries, rules
from fairs.exhibits.rows import BoothRow, ExhibitionRow
from fairs.exhibits.tables import ExhibitBooth, ExhibitState

TAKEN = N_("Another exhibit stands at this booth: free it first")
OCCUPIED = N_("Exhibits stand at booths that the new plan has not: %(codes)s. Free them first.")
SCANNED = N_("The gates of booths that the new plan has not were used or switched on: %(codes)s. Keep these booths.")


def cells_of(call: ExhibitionRow | None) -> list[rules.Cell]:
    """The cells of the stored plan."""
    return rules.cells_of(grid_of(call))


def grid_of(call: ExhibitionRow | None) -> list[list[str]]:
    """Rows and columns of the stored plan."""
    return msgspec.json.decode(call.plan, type=list[list[str]]) if call else []


def check(text: str) -> list[list[str]]:
    """The grid of a pasted plan. Raises Invalid for the field `text`."""
    grid = rules.read_grid(text)
    cells = rules.cells_of(grid)
    booths = [cell for cell in cells if cell.booth]
    problem: object = ""
    if not booths:
        problem = N_("There is no booth in it. A booth is a cell with a code such as A1 or B-12.")
    elif len(grid) > rules.MOST_ROWS or len(grid[0]) > rules.MOST_COLUMNS or len(booths) > rules.MOST_BOOTHS:
        problem = N_(
            "At most %(rows)s rows, %(columns)s columns and %(booths)s booths",
            rows=rules.MOST_ROWS,
            columns=rules.MOST_COLUMNS,
            booths=rules.MOST_BOOTHS,
        )
    elif found := rules.twice(cells):
        problem = N_("These booths stand there twice: %(codes)s", codes=", ".join(found))
    elif any(len(cell.text) > rules.LONGEST_LABEL for cell in cells):
        problem = N_("A word on the plan has at most %(number)s characters", number=rules.LONGEST_LABEL)
    if problem:
        raise Invalid(fields={"text": [problem]})
    return grid


async def save_plan(slug: str, text: str, *, by: Actor) -> int:
    """Store the plan; booths that stay keep what stands there. Returns the number of booths. Raises NotFound, Conflict, Invalid."""
    grid = check(text)
    wanted = {cell.text: cell for cell in rules.cells_of(grid) if cell.booth}
    async with db.transaction_or_join():
        event = await locked_event(slug, by)
        present = {row.code: row for row in await queries.booths_of(event.id)}
        gone = [row for code, row in present.items() if code not in wanted]
        if kept := [row.code for row in gone if row.exhibit is not None]:
            raise Conflict(OCCUPIED(codes=", ".join(kept)), code="occupied")
        if kept := [row.code for row in gone if row.gate is not None]:
            raise Conflict(SCANNED(codes=", ".join(kept)), code="gates")
        await execute("DELETE FROM exhibit_booth WHERE id = ANY(:ids::bigint[])", ids=[row.id for row in gone])
        for code, cell in wanted.items():
            place: dict[str, Any] = {"place_row": cell.row, "place_column": cell.column}
            if code in present:
                await ExhibitBooth.update(**place).where(ExhibitBooth.id == present[code].id)
            else:
                await ExhibitBooth(event=event.id, code=code, **place).save()
        await execute(
            "INSERT INTO exhibition (event, plan, updated_at) VALUES (:event, :plan::jsonb, :now)"
            " ON CONFLICT (event) DO UPDATE SET plan = excluded.plan, updated_at = excluded.updated_at",
            event=event.id,
            plan=msgspec.json.encode(grid).decode(),
            now=clock.now(),
        )
        await record("exhibit.plan", "event", event.id, by=by, after={"booths": len(wanted)})
    return len(wanted)


async def stand(slug: str, exhibit_id: int, booth_id: int | None, *, by: Actor) -> None:
    """Give a released exhibit a booth, another one, or none. Raises NotFound, Conflict when the booth is taken."""
    async with db.transaction_or_join():
        event = await locked_event(slug, by)
        row = await queries.exhibit_of(event.id, exhibit_id)
        booths = {booth.id: booth for booth in await queries.booths_of(event.id)}
        if booth_id is not None and booth_id not in booths:
            raise NotFound
        if row.booth == booth_id:
            return
        if booth_id is not None and row.state != ExhibitState.RELEASED:
            raise Conflict(N_("Only a released exhibit gets a booth"), code="state")
        if booth_id is not None and booths[booth_id].exhibit is not None:
            raise Conflict(TAKEN, code="taken")
        await _end([row.id])
        if booth_id is not None:
            await _begin([(booth_id, row.id)])
        code = booths[booth_id].code if booth_id is not None else ""
        await record("exhibit.stand", "exhibit", row.id, by=by, before={"booth": row.booth_code}, after={"booth": code})


async def fill(slug: str, *, by: Actor) -> int:
    """Give free booths to those who have none: one kind and field side by side. Returns how many. Raises NotFound."""
    async with db.transaction_or_join():
        event = await locked_event(slug, by)
        free = [booth.id for booth in await queries.booths_of(event.id) if booth.exhibit is None]
        waiting = [
            rules.Waiting(row.id, row.kind, row.discipline, row.owner_zh or row.owner_en, row.submitted_at)
            for row in await queries.without_booth(event.id)
        ]
        pairs = rules.assigned(free, waiting)
        await _begin(pairs)
        if pairs:
            await record("exhibit.fill", "event", event.id, by=by, after={"number": len(pairs)})
    return len(pairs)


async def _end(exhibits: Sequence[int]) -> None:
    sql = "UPDATE exhibit_stand SET until = :now WHERE exhibit = ANY(:ids::bigint[]) AND until IS NULL"
    await execute(sql, ids=list(exhibits), now=clock.now())


async def _begin(pairs: Sequence[tuple[int, int]]) -> None:
    sql = "INSERT INTO exhibit_stand (booth, exhibit, since) VALUES (:booth, :exhibit, :now)"
    for booth, exhibit in pairs:
        await execute(sql, booth=booth, exhibit=exhibit, now=clock.now())


async def make_gates(slug: str, *, by: Actor) -> int:
    """A gate for each booth with an exhibit that has none, or the gate of that code. Returns how many. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared_event(slug, by)
        known = {gate.code: gate.id for gate in await gates_of(event.id)}
        without = [row for row in await queries.booths_of(event.id) if row.exhibit is not None and row.gate is None]
        for row in without:
            code = rules.gate_code(row.code)
            gate = known.get(code) or await events.add_gate(event.id, _gate(code, row), by=by)
            await ExhibitBooth.update(gate=gate).where(ExhibitBooth.id == row.id)
    return len(without)


def _gate(code: str, row: BoothRow) -> GateForm:
    return GateForm(
        code=code, kind=GateKind.BOOTH.value, name_zh=f"{row.code} 展位", name_en=f"Booth {row.code}", rule="many"
    )
