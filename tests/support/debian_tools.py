"""Programs out of Debian's packages, which only have to be unpacked to be run."""

from pathlib import Path

from support.debian import default_cache, locked, unpack_packages


def find_program(package: str, path: str) -> Path:
    """A program of a package, fetched at the first time. Raises CannotInstall."""
    cache = default_cache(f"tidings-{package}")
    root = cache / "root"
    with locked(cache):
        if not (root / path).exists():
            unpack_packages([package], cache, root, left_out=["usr/share"])
    return root / path
