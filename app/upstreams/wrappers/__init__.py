"""What is added to an upstream: watched, guarded by a circuit breaker, asked again."""
