"""Ranking of all people against all listings in one run."""
