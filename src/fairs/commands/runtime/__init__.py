"""Shared parts of commands: settings, a database, signals, progress, errors."""
