"""Presentation shared by every slice."""
