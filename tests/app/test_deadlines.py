"""What waits below a page ends before it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config.settings import Settings
from app.deadlines import Deadlines
from resolvers.merging.merge import FIRST_SHARE

seconds = st.floats(0.05, 3600)


@given(seconds, seconds)
def test_every_wait_ends_before_the_one_around_it(page: float, request: float) -> None:
    """A probe before a retry, that before an instance is given up, and all before the page."""
    deadlines = Deadlines(page, max(request, page))
    waits = [deadlines.probe, deadlines.retry, deadlines.with_a_copy, page * FIRST_SHARE, page]
    assert waits == sorted(set(waits))


@given(seconds, seconds)
def test_a_request_s_own_time_is_never_exceeded(page: float, request: float) -> None:
    """Whatever a page may take."""
    assert Deadlines(page, request).with_a_copy <= request


def test_the_usual_times() -> None:
    """With the settings as they come."""
    settings = Settings()
    deadlines = Deadlines(settings.server.page_timeout, settings.upstream.timeout)
    waits = (deadlines.probe, deadlines.retry, deadlines.with_a_copy)
    assert waits == pytest.approx((0.3, 1.0, 3.5))
