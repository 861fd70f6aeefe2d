"""Outgoing mail, stored as a row before a job sends it; calendar files."""
