"""Passports and letters are sealed under a key of their own."""

from fairs.core import sealing

PASSPORT, LETTER = "tour_passport.data", "tour_letter.document"
PASSPORTS = sealing.Sealed("tour_passport", "data", PASSPORT)
LETTERS = sealing.Sealed("tour_letter", "document", LETTER)
