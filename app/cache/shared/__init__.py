"""What processes share by a Redis or a Valkey: write logs, copies, sessions, budgets."""
