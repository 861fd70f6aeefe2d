"""The tour planner: pure, without database and clock; the same tour gives the same plan every time."""
