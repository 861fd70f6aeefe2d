"""Personal calendars: what a person has at fairs, under an address that calendar programs read."""
