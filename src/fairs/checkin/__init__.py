"""Scans at gates, counters."""
