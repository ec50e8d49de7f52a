"""HTTP to instances: one client for a login, and what carries its requests."""
