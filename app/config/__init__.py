"""The configuration: a TOML file and the environment, checked as a whole at start."""
