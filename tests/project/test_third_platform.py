"""A third platform is a file of types, an upstream, and an entry in each package."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
THIRD = ROOT / "tests" / "third_platform"
REGISTRATION = {
    "resolvers/platforms.py": [
        ("\nimport strawberry\n", "\nimport strawberry\nfrom third_platform import types\n"),
        (
            "\n\n\n@dataclass(frozen=True, slots=True)\nclass FeedTypes",
            '\n    FORUM = strawberry.enum_value("FORUM", description="A forum.")\n\n\n@dataclass'
            "(frozen=True, slots=True)\nclass FeedTypes",
        ),
        (
            "PLATFORMS: Mapping[Enum, PlatformTypes] = {",
            "PLATFORMS: Mapping[Enum, PlatformTypes] = {\n    Platform.FORUM: PlatformTypes("
            "types.ForumMember, {Feed.NOTIFICATIONS: "
            "FeedTypes(types.ForumNotification, frozenset({NotificationType.MENTION}))}),",
        ),
    ],
    "app/platforms/registry.py": [
        ("\nPLATFORMS", "\nfrom third_platform.forum import FORUM\n\nPLATFORMS"),
        ("(MASTODON, MEDIAWIKI)", "(MASTODON, MEDIAWIKI, FORUM)"),
    ],
}
"""What is changed of each package, and nothing else."""


def test_a_third_platform_needs_its_registration_alone(tmp_path: Path) -> None:
    """It keeps the contract, merges, pages, filters, dismisses and is shared by processes."""
    for name in ("app", "resolvers", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, changes in REGISTRATION.items():
        text = (tmp_path / name).read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/third_platform/forum_suite.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{tmp_path / 'tests'}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    assert "16 passed in" in done.stdout, done.stdout[-500:]


def test_it_is_small_and_on_its_own() -> None:
    """Under 150 lines, which import nothing of either platform."""
    texts = [(THIRD / name).read_text(encoding="utf-8") for name in ("types.py", "forum.py")]
    assert sum(len(text.splitlines()) for text in texts) < 150
    assert not any("mastodon" in text.lower() or "wiki" in text.lower() for text in texts)
