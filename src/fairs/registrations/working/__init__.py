"""The working list: all registrations of an event, filtered, sorted, chosen, and acted upon."""
