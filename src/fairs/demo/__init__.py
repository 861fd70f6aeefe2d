"""Builds the demo edition through the services that people use."""
