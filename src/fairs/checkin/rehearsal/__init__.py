"""A crowd that is played against the configured gates before the day: lines, lanes and printers needed. No number changes."""
