"""Many badges printed together, and the log of what was printed."""
