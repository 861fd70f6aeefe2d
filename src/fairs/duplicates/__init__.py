"""One person once: records that may be of the same person, merged by the staff and taken apart again."""
