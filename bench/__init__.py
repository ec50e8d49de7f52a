"""Measures what tests cannot count: `make bench`."""
