"""Other systems are told what has happened, by signed requests."""
