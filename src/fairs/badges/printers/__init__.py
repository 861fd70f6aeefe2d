"""Printers of the desks: who has which, what waits for them, and what the agents beside them tell."""
