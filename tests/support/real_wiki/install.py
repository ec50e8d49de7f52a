"""Gets MediaWiki and PHP without touching the system: packages are fetched and unpacked."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from support.debian import CannotInstall, try_command, unpack_packages

HERE = Path(__file__).parent
PHP = (
    *("php8.2-cli", "php8.2-common", "php8.2-opcache", "php8.2-sqlite3"),
    *("php8.2-xml", "php8.2-mbstring", "php8.2-intl", "php8.2-apcu"),
)
MEDIAWIKI = ("mediawiki", "mediawiki-classes")
SUITES = {"1.39": "", "1.43": "trixie"}
"""The releases of Debian that have these MediaWikis; the first is this machine's."""
LIBRARIES = (
    *("libxml2", "libonig5", "libicu72", "libargon2-1", "libsodium23", "libsqlite3-0"),
    *("ucf", "tzdata"),
)
_EXTENSIONS = (
    *("pdo", "xml", "apcu", "ctype", "dom", "fileinfo", "iconv", "intl", "mbstring"),
    *("pdo_sqlite", "posix", "simplexml", "tokenizer", "xmlreader"),
)
_PHP_INI = """\
extension_dir={extension_dir}
zend_extension=opcache.so
{extensions}
memory_limit=512M
opcache.enable=1
opcache.validate_timestamps=0
opcache.memory_consumption=192
opcache.max_accelerated_files=20000
apc.enabled=1
apc.shm_size=64M
display_errors=0
log_errors=1
output_buffering=0
date.timezone=UTC
"""
_NOT_NEEDED = ("usr/share/doc", "usr/share/man", "var")
_EXTENSIONS_OF_DEBIAN = "usr/share/mediawiki/extensions-core"
WITH_ECHO = {"1.43"}
"""The MediaWikis that get Echo and Thanks, which Debian's packages have from this one on."""


@dataclass(frozen=True)
class Distribution:
    """MediaWiki's files, unpacked under `wiki_root`, and PHP's under `root`."""

    root: Path
    wiki_root: Path

    @property
    def mediawiki(self) -> Path:
        return self.wiki_root / "usr/share/mediawiki"

    @property
    def extension_dir(self) -> Path:
        return self.root / "usr/lib/php/20220829"

    @property
    def php_binary(self) -> Path:
        return self.root / "usr/bin/php8.2"

    @property
    def php(self) -> list[str]:
        """The command that runs PHP with a configuration of its own."""
        return [str(self.php_binary), "-c", str(self.root / "php.ini")]

    def environment(self, base: Path | None = None) -> dict[str, str]:
        """The environment for PHP; `base` is the wiki's folder, once it is installed."""
        ours = {"PHP_INI_SCAN_DIR": str(self.root / "empty"), "MW_SRC": str(self.mediawiki)}
        if base is not None:
            ours["MW_CONFIG_FILE"] = str(base / "LocalSettings.php")
        return os.environ | ours


def unpack_distribution(cache: Path, version: str) -> Distribution:
    """A MediaWiki and PHP; fetched the first time, about 40 MB. Raises CannotInstall."""
    distribution = Distribution(cache / "php" / "dist", cache / version / "dist")
    if not (distribution.root / ".done").exists():
        unpack_packages(PHP, cache / "php", distribution.root, _NOT_NEEDED)
        _configure(distribution)
        _need_libraries(distribution)
        (distribution.root / ".done").touch()
    if not (distribution.wiki_root / ".unpacked").exists():
        suite = SUITES[version]
        not_here = () if version in WITH_ECHO else (_EXTENSIONS_OF_DEBIAN,)
        left_out = (*_NOT_NEEDED, *not_here)
        unpack_packages(MEDIAWIKI, cache / version, distribution.wiki_root, left_out, suite)
        _replace_dead_links(distribution, has_extensions=version in WITH_ECHO)
        (distribution.wiki_root / ".unpacked").touch()
    return distribution


def _replace_dead_links(distribution: Distribution, *, has_extensions: bool) -> None:
    """What the packages link to is where only an installation has it."""
    (distribution.mediawiki / "LocalSettings.php").unlink(missing_ok=True)
    if has_extensions:
        extensions = distribution.mediawiki / "extensions"
        if extensions.is_symlink():
            extensions.unlink()
        else:
            shutil.rmtree(extensions, ignore_errors=True)
        extensions.symlink_to("extensions-core")


def _configure(distribution: Distribution) -> None:
    (distribution.root / "empty").mkdir(exist_ok=True)
    extensions = "\n".join(f"extension={name}.so" for name in _EXTENSIONS)
    text = _PHP_INI.format(extension_dir=distribution.extension_dir, extensions=extensions)
    (distribution.root / "php.ini").write_text(text)


def _need_libraries(distribution: Distribution) -> None:
    """PHP runs on the system's libraries; as root we may install what is missing of them."""
    if _has_libraries(distribution):
        return
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *LIBRARIES]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    if os.geteuid() == 0:
        try_command(install, distribution.root, environment)
    if not _has_libraries(distribution):
        raise CannotInstall(f"PHP needs these packages: {' '.join(LIBRARIES)}")


def _has_libraries(distribution: Distribution) -> bool:
    names = ("intl", "mbstring", "dom", "xml", "pdo_sqlite")
    files = [str(distribution.extension_dir / f"{name}.so") for name in names]
    ldd = ["ldd", str(distribution.php_binary), *files]
    ran = subprocess.run(ldd, capture_output=True, text=True, check=False, timeout=30)
    return "not found" not in ran.stdout
