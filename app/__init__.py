"""The shell: everything that opens a socket or reads a clock, a file or the environment."""

VERSION = "0.1.0"
