"""Recruitment fairs for overseas talent."""

__version__ = "0.1.0"
