"""Real servers out of Debian's packages, which are fetched and unpacked into a folder."""

import fcntl
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


class CannotInstall(Exception):
    """This machine cannot have the real thing; the message says why."""


def default_cache(name: str) -> Path:
    """Where what was unpacked stays between runs."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / name


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process at a time in a folder, which is made where it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def free_port() -> int:
    """A port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def unpack_packages(
    packages: Sequence[str], cache: Path, root: Path, left_out: Sequence[str] = (), suite: str = ""
) -> None:
    """Fetches packages into `cache` and unpacks them into `root`; of another release of Debian
    where `suite` names one. Raises CannotInstall.
    """
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise CannotInstall(f"{packages[0]} needs Debian's apt-get and dpkg-deb")
    shutil.rmtree(root, ignore_errors=True)
    debs = cache / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    _fetch(packages, debs, _other_release(suite, cache) if suite else ())
    root.mkdir()
    for deb in debs.glob("*.deb"):
        _unpack(deb, root, left_out)


def try_command(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> bool:
    """Whether a command succeeds."""
    ran = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, check=False, timeout=300
    )
    return ran.returncode == 0


def _fetch(packages: Sequence[str], folder: Path, options: Sequence[str]) -> None:
    download = ["apt-get", *options, "download", "-q", *packages]
    if try_command(download, folder):
        return
    update = ["apt-get", *options, "update", "-q"]
    if not (try_command(update, folder) and try_command(download, folder)):
        raise CannotInstall(f"apt-get cannot download {packages[0]} (Debian has it)")


def _other_release(suite: str, cache: Path) -> Sequence[str]:
    """Options by which apt-get knows another release, at the machine's own mirror, and no more.

    Its lists are kept in `cache`: what the system is made of is not touched.
    """
    source = cache / f"{suite}.sources"
    source.write_text(
        f"Types: deb\nURIs: {_find_mirror()}\nSuites: {suite}\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
    )
    lists, archives = cache / "lists", cache / "archives"
    for folder in (lists, archives):
        (folder / "partial").mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::Etc::sourcelist": source,
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": lists,
        "Dir::Cache": cache,
    }
    return [part for name, path in options.items() for part in ("-o", f"{name}={path}")]


def _find_mirror() -> str:
    """Where this machine gets Debian from."""
    etc = Path("/etc/apt")
    files = [*sorted((etc / "sources.list.d").glob("*")), etc / "sources.list"]
    for file in files:
        text = file.read_text() if file.is_file() else ""
        found = re.search(r"^(?:URIs:|deb(?: \[[^]]*\])?)\s+(\S+)", text, re.MULTILINE)
        if found is not None and "debian-security" not in found[1]:
            return found[1]
    raise CannotInstall("apt-get has no source of Debian's packages here")


def _unpack(deb: Path, root: Path, left_out: Sequence[str]) -> None:
    excluded = [f"--exclude=./{path}" for path in left_out]
    with subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE
    ) as files:
        subprocess.run(["tar", "-x", "-C", str(root), *excluded], stdin=files.stdout, check=True)
    if files.returncode != 0:
        raise CannotInstall(f"{deb.name} cannot be unpacked")
