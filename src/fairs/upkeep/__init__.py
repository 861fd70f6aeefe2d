"""Periodic jobs: who runs them and when, their page; what is deleted when; what waits for the staff; the demo's clock."""
