"""What is built and what is committed."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def committed() -> list[Path]:
    """The text files that git knows, without the vendored ones."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and ".min." not in path.name]


def test_the_wheel_owns_two_packages(tmp_path: Path) -> None:
    """`app` and `resolvers`, with the page's files, and nothing else at the top level."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    top = {name.split("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"app", "resolvers"}
    assert {"app/graphiql/files/graphiql.min.js", "app/page/files/index.html"} <= set(names)


def test_constraints_name_no_registry() -> None:
    """Exact versions, and nobody's address."""
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert lines and all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)


def test_no_data_loader() -> None:
    """The cache is aiocache's; nothing batches behind the resolvers' backs."""
    for path in [*ROOT.glob("app/**/*.py"), *ROOT.glob("resolvers/**/*.py")]:
        assert "DataLoader" not in path.read_text(encoding="utf-8"), path


def test_nothing_of_a_machine_is_committed() -> None:
    """No file names the folder that it lies in."""
    for path in committed():
        if path.suffix != ".LICENSE":
            assert f"{ROOT}/" not in path.read_text(encoding="utf-8"), path


def test_functions_and_files_stay_small() -> None:
    """A newcomer reads a file in one sitting: under 300 lines, but for lists of fields."""
    for path in [*ROOT.glob("app/**/*.py"), *ROOT.glob("resolvers/**/*.py")]:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 330, path
