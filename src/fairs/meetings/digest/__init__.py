"""The daily digest of wishes: the job, its mail, and the setting."""
