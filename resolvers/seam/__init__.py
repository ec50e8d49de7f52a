"""The seam: what the core needs of an inbox, and the values that go through it."""
