"""What in schema.graphql would break clients of the last release, and is not in the changelog.

A release is a tag `v*`. Every breaking change has to be named, as `Type.field` or `Type`, under the
heading "Breaking" of the changelog's part on what is unreleased.
"""

import re
import subprocess
import sys
from pathlib import Path

from graphql import build_schema, find_breaking_changes

ROOT = Path(__file__).parents[2]


def find_unannounced(released: str, current: str, changelog: str) -> list[str]:
    """The breaking changes between two schemas that a changelog does not name."""
    unreleased = changelog.split("\n## ")[1]
    announced = re.findall(r"^### Breaking\n(.*?)(?=^#|\Z)", unreleased, re.DOTALL | re.MULTILINE)
    names = set(re.findall(r"`([\w.]+)", "\n".join(announced)))
    changes = find_breaking_changes(build_schema(released), build_schema(current))
    return [
        change.description
        for change in changes
        if not names & set(re.findall(r"\b[A-Z]\w*(?:\.\w+)?", change.description))
    ]


def last_release() -> str | None:
    """The tag of the last release; None before the first."""
    listed = subprocess.run(
        ["git", "tag", "--list", "v*", "--sort=-v:refname"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return next(iter(listed.stdout.split()), None)


def main() -> int:
    """Prints what was found; the exit status."""
    tag = last_release()
    if tag is None:
        print("ok   there is no release yet, so nothing can break")
        return 0
    shown = subprocess.run(
        ["git", "show", f"{tag}:schema.graphql"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    current = (ROOT / "schema.graphql").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    unannounced = find_unannounced(shown.stdout, current, changelog)
    for change in unannounced:
        print(f"FAIL since {tag}, and not in the changelog: {change}")
    if not unannounced:
        print(f"ok   nothing breaks the clients of {tag} unannounced")
    return 1 if unannounced else 0


if __name__ == "__main__":
    sys.exit(main())
