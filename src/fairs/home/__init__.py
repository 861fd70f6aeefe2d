"""Pages and readings that go across several slices: desks, a person's journey, the numbers of an event."""
