"""Papers of a tour: passports, invitation letters, and sheets for drivers and interpreters."""
