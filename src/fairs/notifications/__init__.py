"""Outgoing mail: a row before it is a task; calendar files."""
