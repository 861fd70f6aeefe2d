"""Writes the table of cases for gates: `python -m tests.checkin.vectors`."""

from tests.checkin.vectors.making import FILE, text

FILE.write_text(text(), encoding="utf-8")
