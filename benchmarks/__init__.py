"""Benchmarks: `make bench`. Each module has `run() -> dict`; numbers are ratios within one run where they compare."""
