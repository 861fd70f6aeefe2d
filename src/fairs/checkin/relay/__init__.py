"""Venue relays: a laptop at the venue that answers scanners with a copy of one event, and its side of the server."""
