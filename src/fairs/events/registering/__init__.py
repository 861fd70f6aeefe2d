"""How people register for an event: when, as what, how many, who answers."""
