"""What people may ask of their own data: consents, all that is held, to be forgotten; who looked at it; the privacy page."""
