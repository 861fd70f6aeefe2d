"""Exposure: prices that keep popular targets from taking every place on the lists."""
