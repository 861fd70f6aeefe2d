"""Groups: one registers many people from a table, looks after them, and cancels its own."""
