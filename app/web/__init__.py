"""GraphQL over HTTP, and who may ask."""
