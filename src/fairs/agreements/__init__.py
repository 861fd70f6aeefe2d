"""Intent agreements and their life."""
