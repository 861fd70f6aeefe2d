"""Words of journeys, rooms and vehicles."""

from fairs.core.i18n import N_
from fairs.tours.logistics.tables import Direction, Mode, RoomWish

DIRECTIONS: dict[str, object] = {Direction.ARRIVAL: N_("Arriving"), Direction.DEPARTURE: N_("Departing")}
MODES: dict[str, object] = {
    Mode.FLIGHT: N_("Flight"),
    Mode.TRAIN: N_("Train"),
    Mode.COACH: N_("Long-distance coach"),
    Mode.CAR: N_("Own car"),
}
ROOMS: dict[str, object] = {
    RoomWish.ANY: N_("Either is fine"),
    RoomWish.SINGLE: N_("A room of my own"),
    RoomWish.SHARED: N_("A shared room"),
}
SEXES: dict[str, object] = {"f": N_("Woman"), "m": N_("Man")}
