"""Frozen months: what was counted then, beside what is counted today, with the rows that explain the difference."""
