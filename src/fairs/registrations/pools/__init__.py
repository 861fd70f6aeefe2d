"""名额池: places that some categories and sessions of an event share, and how many of them are left."""
