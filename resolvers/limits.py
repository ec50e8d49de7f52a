"""What one operation may ask for at most: docs/limits.md."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one operation; where they are not enforced, what exceeds them is noted."""

    depth: int = 12
    aliases: int = 30
    root_fields: int = 10
    tokens: int = 2000
    directives: int = 50
    overlaps: int = 1000
    cost: int = 20_000
    page_size: int = 100
    node_ids: int = 100
    inboxes: int = 200
    is_enforced: bool = True


@dataclass(frozen=True, slots=True)
class Excess:
    """A limit, by its name in the settings, and what was found: so much, or at least that."""

    limit: str
    most: int
    found: int

    def __str__(self) -> str:
        return f"The operation exceeds the limit {self.limit}: {self.most}, and it has {self.found}"
