"""Builds the demo edition through the product's services."""
