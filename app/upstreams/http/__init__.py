"""HTTP to instances: one client for a login, and what carries its requests."""

from app.light_imports import without

with without("rich", "pygments"):  # else httpx loads its own command line, which takes 4 MB
    import httpx  # noqa: F401
