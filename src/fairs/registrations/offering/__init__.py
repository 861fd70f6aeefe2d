"""Offers of places to the waiting list: made, accepted, declined, lapsed."""
