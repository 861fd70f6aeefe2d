"""Which records one record is ranked against: pools in the process, or the nearest ones by pgvector."""
