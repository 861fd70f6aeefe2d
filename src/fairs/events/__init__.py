"""Event tree, sessions, rooms, gates."""
