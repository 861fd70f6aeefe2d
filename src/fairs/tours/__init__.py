"""Tours over several cities: who travels in which group, where to, and when."""
