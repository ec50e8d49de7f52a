"""The platforms: what the shell has to know of each, in one entry for each."""
