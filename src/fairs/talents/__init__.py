"""Profiles of people, their consents and visibility."""
