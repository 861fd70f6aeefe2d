"""Reporting units, regions and reference catalogues."""
