"""How employers get a table at an event: by the event's rule, by asking, or from the organiser's list."""
