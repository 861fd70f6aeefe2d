"""Passports and letters are sealed under a key of their own."""

from fairs.core import sealing

PASSPORT, LETTER = "tour_passport.data", "tour_letter.document"
COLUMNS = (
    sealing.Sealed("tour_passport", "data", PASSPORT),
    sealing.Sealed("tour_letter", "document", LETTER),
)
