"""The page for exploring the API, served from our own origin; it works without the internet."""
