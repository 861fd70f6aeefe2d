"""Scores of one person and one listing, and the ranking of many: pure functions over plain records, no database, no await."""
