"""Preferences, slots, tables, meetings."""
