"""Append-only log: who did what, when, from where."""
