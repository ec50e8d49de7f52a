"""What the kinds of a wiki's own notifications are called in terms that all networks share."""

import pytest

from app.upstreams.mediawiki.echo.mapping import type_of_kind

KINDS = {
    "MENTION": ["mention", "mention-summary", "flow-mention"],
    "TALK": ["edit-user-talk", "edit-user-page", "flow-post-reply", "flow-new-topic"],
    "REPLY": ["dt-subscribed-new-comment", "dt-added-topic"],
    "THANKS": ["edit-thank"],
    "REVERTED": ["reverted"],
    "PAGE_LINKED": ["page-linked", "page-connection"],
    "USER_RIGHTS": ["user-rights", "user-blocked", "user-unblocked"],
    "EMAIL": ["emailuser"],
    "MILESTONE": ["thank-you-edit", "welcome"],
    "OTHER": ["mention-failure", "mention-success", "article-reminder", "login-fail-new", ""],
}
"""https://www.mediawiki.org/wiki/Extension:Echo and the extensions that it shows rows of."""


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name in KINDS for kind in KINDS[name]])
def test_types_of_kinds(name: str, kind: str) -> None:
    """One that nobody here knows is OTHER, and `rawType` names it."""
    assert type_of_kind(kind).name == name
