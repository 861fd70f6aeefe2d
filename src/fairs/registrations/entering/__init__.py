"""People who are registered by somebody else: an employer's representatives, guests, and who stands at the entrance."""
