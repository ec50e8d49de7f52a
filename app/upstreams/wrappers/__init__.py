"""What is added to an upstream: watched, guarded by a circuit, asked again."""
