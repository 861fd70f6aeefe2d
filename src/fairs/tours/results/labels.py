"""Words of what came of a tour."""

from fairs.core.i18n import N_
from fairs.tours.results.tables import ExpenseKind

KINDS: dict[str, object] = {
    ExpenseKind.VEHICLE: N_("Vehicles and drivers"),
    ExpenseKind.TRAVEL: N_("Flights and trains"),
    ExpenseKind.HOTEL: N_("Nights in hotels"),
    ExpenseKind.MEAL: N_("Meals"),
    ExpenseKind.INTERPRETER: N_("Interpreting"),
    ExpenseKind.VENUE: N_("Rooms and equipment"),
    ExpenseKind.SIGHT: N_("Entrance fees"),
    ExpenseKind.INSURANCE: N_("Insurance"),
    ExpenseKind.PRINT: N_("Printing and gifts"),
    ExpenseKind.OTHER: N_("Other costs"),
}
