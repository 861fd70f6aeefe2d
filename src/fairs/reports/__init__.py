"""Measures, targets, dashboards."""
