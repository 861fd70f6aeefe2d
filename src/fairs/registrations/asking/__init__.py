"""Forms of registration that an organiser builds: what is asked, in which version, and what people answered."""
