"""Companions: who comes with somebody, with a badge and a place of their own."""
