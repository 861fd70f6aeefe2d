"""The hall solver: who meets whom, in which slot, at which table. Pure: no database, no await, the same result every time."""
