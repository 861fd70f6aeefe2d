"""Intent agreements and their states."""
