"""Designs of badges: what stands where, for whom, on which paper."""
