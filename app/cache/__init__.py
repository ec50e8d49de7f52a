"""Keeps what instances said, so that they are asked less."""
