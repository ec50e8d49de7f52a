"""Starts the wiki with its seeded content on a free port of loopback, and stops it."""

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.debian import free_port, locked
from support.real_wiki.install import HERE, WITH_ECHO, Distribution, unpack_distribution

BOT_PASSWORD = "a1b2c3d4" * 4
"""Of every bot password in seed.php."""

OLDEST, NEWEST = "1.39", "1.43"
_SECONDS_TO_START = 20
_ECHO = "wfLoadExtension( 'Echo' ); wfLoadExtension( 'Thanks' );\n"
"""Extensions; a user of these is told of messages, links and thanks."""


Operation = Sequence[str | int]
"""Such as ("edit", "Page 1", 1767312000): what, the page, more arguments, the Unix second."""


@dataclass(frozen=True)
class RealWiki:
    """A running wiki."""

    api_url: str
    base: Path
    distribution: Distribution

    def apply(self, operations: Sequence[Operation]) -> list[int]:
        """Makes changes that happened at the seconds given; the revisions that they made, or 0."""
        ran = subprocess.run(
            [*self.distribution.php, str(HERE / "apply.php")],
            input=json.dumps(operations),
            env=self.distribution.environment(self.base),
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        revisions: list[int] = json.loads(ran.stdout)
        return revisions


@contextmanager
def run_wiki(base: Path, cache: Path, extra: str = "", version: str = OLDEST) -> Iterator[RealWiki]:
    """A wiki with pristine content in `base` and `extra` settings (PHP). Raises CannotInstall."""
    with locked(cache):
        distribution = unpack_distribution(cache, version)
        seeded = _seed(distribution, cache / version, has_echo=version in WITH_ECHO)
    shutil.copytree(seeded, base, symlinks=True)
    port = free_port()
    settings = (base / "LocalSettings.php").read_text()
    settings = settings.replace(str(seeded), str(base)).replace("127.0.0.1:1", f"127.0.0.1:{port}")
    (base / "LocalSettings.php").write_text(settings)
    (base / "LocalSettings.extra.php").write_text(f"<?php {extra}")
    server = _start(distribution, base, port)
    try:
        api_url = f"http://127.0.0.1:{port}/w/api.php"
        _await_answer(api_url, server, base)
        yield RealWiki(api_url, base, distribution)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=10)


def _seed(distribution: Distribution, cache: Path, *, has_echo: bool) -> Path:
    """The folder of an installed and seeded wiki, made anew when the seed's files change."""
    seeds = [HERE / "seed.php", HERE / "settings.php"]
    stamp = "".join(path.read_text() for path in seeds) + f"Echo: {has_echo}"
    seeded, made_of = cache / "seeded", cache / "seeded.stamp"
    if made_of.exists() and made_of.read_text() == stamp:
        return seeded
    shutil.rmtree(seeded, ignore_errors=True)
    (seeded / "data" / "cache").mkdir(parents=True)
    (seeded / "htdocs").mkdir()
    (seeded / "htdocs" / "w").symlink_to(distribution.mediawiki)
    install = [
        *(*distribution.php, str(distribution.mediawiki / "maintenance/install.php")),
        *("--dbtype=sqlite", f"--dbpath={seeded / 'data'}", "--dbname=wiki", "--scriptpath=/w"),
        *("--server=http://127.0.0.1:1", "--lang=en", "--pass=AdminPass-123456"),
        *(f"--confpath={seeded}", "--skins=", "TestWiki", "Admin"),
    ]
    subprocess.run(install, env=distribution.environment(), capture_output=True, check=True)
    with (seeded / "LocalSettings.php").open("a") as settings:
        settings.write((HERE / "settings.php").read_text())
        settings.write(_ECHO if has_echo else "")
    if has_echo:
        _run(distribution, seeded, distribution.mediawiki / "maintenance/update.php", "--quick")
    _run(distribution, seeded, HERE / "seed.php")
    made_of.write_text(stamp)
    return seeded


def _run(distribution: Distribution, base: Path, script: Path, *arguments: str) -> None:
    """A script of the wiki in `base`."""
    command = [*distribution.php, str(script), *arguments]
    environment = distribution.environment(base)
    subprocess.run(command, env=environment, capture_output=True, check=True)


def _start(distribution: Distribution, base: Path, port: int) -> subprocess.Popen[bytes]:
    command = [*distribution.php, "-S", f"127.0.0.1:{port}", "-t", str(base / "htdocs")]
    # Without a cache of its own the server sees what `apply` writes behind its back.
    environment = distribution.environment(base)
    environment |= {"PHP_CLI_SERVER_WORKERS": "4", "MW_MAIN_CACHE": "none"}
    with (base / "server.log").open("wb") as log:
        return subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _await_answer(api_url: str, server: subprocess.Popen[bytes], base: Path) -> None:
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{api_url}?action=query&format=json", timeout=5):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"The wiki did not start:\n{(base / 'server.log').read_text()[-2000:]}")
