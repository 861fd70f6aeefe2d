"""How people of a tour travel, sleep, eat and are understood: journeys, pick-ups, vehicles, hotels, interpreters."""
