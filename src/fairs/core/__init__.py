"""Leaf package: imports no slice."""
