"""Scores of one person and one listing, and the order of many: pure functions over plain records, no database, no await."""
