"""Where a command's configuration comes from, so that it can be read again."""

from dataclasses import dataclass, field
from pathlib import Path

from app.config.load import Configuration, Table, check_configuration, read_table

DEFAULT_FILE = Path("tidings.toml")


@dataclass(frozen=True)
class ConfigurationSource:
    """A file, what the command line says beside it, and the environment.

    Without a `path` it is the default file, which `--demo` does without.
    """

    path: Path | None = None
    demo: bool = False
    server: Table = field(default_factory=dict)
    is_open: bool = False

    def read(self) -> Configuration:
        """The configuration as it is now. Raises BadConfiguration."""
        path = self.path or DEFAULT_FILE
        table = read_table(path) if self.path or not self.demo else {}
        name = str(path) if self.path or not self.demo else "The demo"
        if self.demo:
            from app.demo.instances import with_demo  # which loads the sandbox

            table = with_demo(table)
        overrides = {"server": self.server}
        return check_configuration(table, overrides, name, path.parent, is_open=self.is_open)
