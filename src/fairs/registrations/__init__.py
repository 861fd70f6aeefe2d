"""Entries to events, states, waiting list."""
