"""The front door: GraphQL over HTTP, and who is let through it."""
