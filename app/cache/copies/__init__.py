"""Copies of what instances said, of one login: which may be shown, and what they show now."""
