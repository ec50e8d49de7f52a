"""What an operator can see of the gateway."""

from app.light_imports import without

with without("rich"):  # which structlog would print tracebacks with, and which takes 4 MB
    import structlog  # noqa: F401
