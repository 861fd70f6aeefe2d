"""Employers and their approval."""
