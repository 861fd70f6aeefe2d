"""Leaf package: knows no slice."""
