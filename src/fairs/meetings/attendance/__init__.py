"""Whether meetings took place, told by the badges seen at the tables: kept exact whenever a scan arrives."""
