"""Presentation that every slice shares."""
