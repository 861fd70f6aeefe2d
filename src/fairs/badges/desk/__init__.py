"""The desk of a fair: find a person, print, replace and hand out the badge."""
