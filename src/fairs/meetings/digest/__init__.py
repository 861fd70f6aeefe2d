"""The daily digest of wishes: the job, its mail, and who wants it."""
