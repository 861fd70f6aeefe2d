"""Targets of the reporting units for a year: set with their document, and how far each unit has come."""
