"""People wanted and projects wanted."""
