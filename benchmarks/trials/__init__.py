"""Trials that break things on purpose; run by hand, each by its own name."""
