"""How long whatever waits below a page may wait: docs/architecture.md, One page on time.

All of it is derived from what a page may take, so that it ends before the page does, and the page
says what went wrong instead of failing with it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds: what a page may take, and one request to an instance by its own."""

    page: float
    request: float

    @property
    def probe(self) -> float:
        """For somebody else's try whether an instance that was down is back."""
        return min(0.3, self.page * 0.06)

    @property
    def retry(self) -> float:
        """For a limit of an instance to be over, before a read is tried again."""
        return min(1.0, self.page * 0.2)

    @property
    def with_a_copy(self) -> float:
        """For an instance, where there may be an old copy to show if it hangs."""
        return min(self.request, self.page * 0.7)
