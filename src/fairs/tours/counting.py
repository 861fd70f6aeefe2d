"""The gate of a stop: where its people are counted with the scanner that reads badges everywhere."""

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import db
from fairs.core.i18n import pick
from fairs.events.place_forms import GateForm
from fairs.events.rules import Act
from fairs.events.services import add_gate, locked_event, require
from fairs.events.tables import GateKind
from fairs.tours import queries
from fairs.tours.labels import STOP_KINDS
from fairs.tours.tables import TourStop


async def open_gate(slug: str, stop_id: int, *, by: Actor) -> str:
    """The code of the stop's gate, which is made the first time. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await locked_event(slug, by)
        require(event, Act.PREPARE)
        stop = await queries.stop_of(event.id, stop_id, lock=True)
        if stop.gate is not None:
            return stop.gate_code
        code = f"stop-{stop.id}"
        names = {
            lang: (pick(stop.title_zh, stop.title_en, lang) or str(STOP_KINDS[stop.kind]))[:120]
            for lang in ("zh", "en")
        }
        form = GateForm(code=code, kind=GateKind.ZONE, name_zh=names["zh"], name_en=names["en"])
        gate = await add_gate(event.id, form, by=by)
        await TourStop.update(gate=gate).where(TourStop.id == stop.id)
        await record("tour_stop.gate", "tour_stop", stop.id, by=by, after={"gate": code})
    return code
