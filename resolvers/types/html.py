"""HTML from instances, made safe or made plain.

An instance's HTML is untrusted: what federates in was written by strangers.
"""

import html
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin, urlsplit

import nh3

from resolvers.memo import Memo
from resolvers.types.markup import break_lines, drop_empty, is_usual, keep_blocks, mark_blocks
from resolvers.types.scalars import HTML

_TAGS = {
    *("a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "code", "del", "em", "i", "li"),
    *("ol", "p", "pre", "rp", "rt", "ruby", "s", "span", "strong", "sub", "sup", "u", "ul"),
}
_ATTRIBUTES = {
    "a": {"href", "title", "hreflang"},
    "span": {"dir", "lang"},
    "ol": {"start", "reversed"},
    "li": {"value"},
    "bdi": {"dir"},
    "bdo": {"dir"},
    "p": {"dir", "lang"},
}
_CLASSES = {
    *("mention", "hashtag", "ellipsis", "invisible", "quote-inline"),
    *("h-card", "h-cite", "h-entry", "h-feed", "p-author", "p-category", "p-name", "p-nickname"),
    *("u-in-reply-to", "u-photo", "u-uid", "u-url", "dt-published", "dt-updated", "e-content"),
}
"""What Mastodon lets through, its microformats by name: any other class could be one of the page's
own, which lays a link over all of it.

https://github.com/mastodon/mastodon/blob/main/lib/sanitize_ext/sanitize_config.rb
"""
_SCHEMES = {"http", "https", "mailto"}
_RULES: dict[str, Any] = {
    "tags": _TAGS,
    "attributes": _ATTRIBUTES,
    "allowed_classes": {"a": _CLASSES, "p": {"quote-inline"}, "span": _CLASSES},
    "url_schemes": _SCHEMES,
    "link_rel": "nofollow noopener noreferrer",
}
_CLEANER = nh3.Cleaner(**_RULES)
"""Made once: that saves a third of each cleaning."""

_TO_TEXT = nh3.Cleaner(tags=set())
MOST_KEPT = 8 * 1024 * 1024
"""Bytes of texts that are remembered with their cleaned form, and as many with their plain one:
renewed chunks mostly repeat what they held."""


def clean(markup: str) -> HTML:
    """The same markup with nothing left but an allow-list of tags, attributes and schemes."""
    return HTML(_cleaned(markup))


def _make_clean(markup: str) -> str:
    if is_usual(markup):
        return _CLEANER.clean(markup)
    tidied = drop_empty(_CLEANER.clean(keep_blocks(markup)))
    return _CLEANER.clean(tidied)  # which has the last word, whatever was done before


_cleaned = Memo(_make_clean, MOST_KEPT)


def clean_with_base(markup: str, base: str) -> HTML:
    """`clean`, with relative links made absolute: a wiki writes them for its own pages.

    They are on their way into the cleaner, which thus has the last word.
    """
    return clean(_rewriter_for(base).clean(markup))


@lru_cache(maxsize=64)
def _rewriter_for(base: str) -> nh3.Cleaner:
    def filter_attribute(tag: str, attribute: str, value: str) -> str | None:
        return _make_absolute(base, value) if attribute == "href" else value

    return nh3.Cleaner(**_RULES, attribute_filter=filter_attribute)


def _make_absolute(base: str, link: str) -> str | None:
    """Where a link of a page leads; None where that is nowhere on the web."""
    try:
        target = urljoin(base, link)
        return target if urlsplit(target).scheme in _SCHEMES else None
    except ValueError:
        return None


def plain_text(markup: str) -> str:
    """What a person would read: no tags, no entities, a line break where the markup has one."""
    return _plain(markup)


def _make_plain(markup: str) -> str:
    text = html.unescape(_TO_TEXT.clean(mark_blocks(markup)))
    return break_lines(text).strip()


_plain = Memo(_make_plain, MOST_KEPT)
