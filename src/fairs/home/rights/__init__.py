"""People and rights: who works here, in which role, and how somebody is invited."""
