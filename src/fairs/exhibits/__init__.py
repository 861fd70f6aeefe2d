"""Exhibits 成果展: what people and employers show at an event, released by who runs it, on booths of a plan, in a public gallery."""
