"""Listings from a spreadsheet: many at once, looked at first, then all of them or none."""
