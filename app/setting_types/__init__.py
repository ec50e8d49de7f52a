"""The kinds of values that settings have, each with what is checked of it."""
