"""What came of a tour: meetings at its stops, and what it cost."""
