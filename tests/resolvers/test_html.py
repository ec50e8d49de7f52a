"""HTML from strangers, made safe or plain."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.types.html import MOST_KEPT, clean, clean_with_base, plain_text

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<p onclick="alert(1)" style="position:fixed">x</p>',
    "<svg/onload=alert(1)>",
    '<iframe src="https://evil.test"></iframe>',
    "<style>*{display:none}</style>",
    "<form action=https://evil.test><input></form>",
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "<math><mtext></table><mglyph><style><img src onerror=alert(1)>",
]


@pytest.mark.parametrize("markup", HOSTILE)
def test_nothing_runs(markup: str) -> None:
    """Scripts, handlers, styles, frames, forms and foreign schemes do not come through."""
    cleaned = clean(markup)
    assert not re.search(r"<(script|img|svg|iframe|style|form|input|math)", cleaned)
    assert not re.search(r"<[^>]*(onerror|onclick|onload|style=|javascript:|data:)", cleaned)


def test_posts_keep_their_markup() -> None:
    """What Mastodon's posts are made of stays, and links cannot reach back."""
    post = '<p>Hi <a href="https://a.test/@b" class="u-url mention">@<span>b</span></a><br>!</p>'
    cleaned = clean(post)
    assert 'class="u-url mention"' in cleaned
    assert 'rel="nofollow noopener noreferrer"' in cleaned
    assert "<br>" in cleaned


@given(st.text())
def test_cleaning_twice_changes_nothing(markup: str) -> None:
    """What is clean stays as it is."""
    assert clean(clean(markup)) == clean(markup)


def test_a_wikis_links_become_absolute() -> None:
    """A comment's relative links lead to the wiki and not to the frontend's own host."""
    comment = '<a href="/w/index.php/Page_2?a=1&amp;b=2" title="Page 2">link</a>'
    assert 'href="https://wiki.test/w/index.php/Page_2?a=1&amp;b=2"' in clean_with_base(
        comment, "https://wiki.test"
    )
    assert 'href="https://other.test/"' in clean_with_base(
        '<a href="https://other.test/">x</a>', "https://wiki.test"
    )


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("<p>1 &lt; 2 &amp;&amp; 3</p>", "1 < 2 && 3"),
        ('<p><a href="https://a.test">@<span>zed</span></a> hello</p>', "@zed hello"),
        ("", ""),
    ],
)
def test_plain_text_reads_as_shown(markup: str, text: str) -> None:
    """Paragraphs and breaks become lines, entities characters, and tags go."""
    assert plain_text(markup) == text


MATH = (
    "<p>See <math><semantics><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow>"
    '<annotation encoding="application/x-tex">x^2</annotation></semantics></math> here</p>'
)
BEYOND = {
    "<p>Roster:</p><ul><li>Alpha</li><li>Beta</li></ul><p>Next</p>": (
        "Roster:\n\nAlpha\nBeta\n\nNext",
        "<p>Roster:</p><ul><li>Alpha</li><li>Beta</li></ul><p>Next</p>",
    ),
    "<h1>Title</h1><p>Body</p>": ("Title\n\nBody", "<p>Title</p><p>Body</p>"),
    "<blockquote><p>Said she</p></blockquote><p>Agreed</p>": (
        "Said she\n\nAgreed",
        "<blockquote><p>Said she</p></blockquote><p>Agreed</p>",
    ),
    "<div>one</div><div>two</div>": ("one\n\ntwo", "<p>one</p><p>two</p>"),
    "<p>Code:</p><pre>a = 1\nb = 2</pre><p>done</p>": (
        "Code:\n\na = 1\nb = 2\n\ndone",
        "<p>Code:</p><pre>a = 1\nb = 2</pre><p>done</p>",
    ),
    "<table><tr><th>Name</th><th>Age</th></tr><tr><td>Ada</td><td>36</td></tr></table>": (
        "Name  Age\nAda  36",
        "<p> Name  Age </p><p> Ada  36 </p>",
    ),
    "<p>above</p><hr><p>below</p>": ("above\n\nbelow", "<p>above</p><p>below</p>"),
    "<dl><dt>A</dt><dd>first</dd></dl>": ("A\nfirst", "<p>A</p><p>first</p>"),
    MATH: ("See x^2 here", "<p>See x^2 here</p>"),
    "<p>a <math><mi>x</mi></math> b</p>": ("a x b", "<p>a x b</p>"),
    "<p>a <math><mi>x</mi> b</p>": ("a x b", "<p>a x b</p>"),
    '<p>Hello <img src="/b.png" alt=":cat:"> you</p>': (
        "Hello :cat: you",
        "<p>Hello :cat: you</p>",
    ),
    "<p><img src=/p.jpg alt='A cat'></p>": ("A cat", "<p>A cat</p>"),
    '<p><img src="/p.jpg"></p>': ("🖼", "<p>🖼</p>"),
    "<p>a</p><p></p><p>b</p>": ("a\n\nb", "<p>a</p><p></p><p>b</p>"),
    '<img alt="&lt;b onclick=x&gt;">': ("<b onclick=x>", "&lt;b onclick=x&gt;"),
}
"""What is sent, as text and as markup."""


@pytest.mark.parametrize("markup", BEYOND)
def test_blocks_pictures_and_formulas(markup: str) -> None:
    """No two words are glued together, and what pictures and formulas say is kept."""
    assert (plain_text(markup), clean(markup)) == BEYOND[markup]


BLOCKS = ("address", "article", "div", "dl", "fieldset", "figure", "h1", "h2", "h6", "header", "li")


@pytest.mark.parametrize("name", [*BLOCKS, "main", "ol", "p", "pre", "section", "tr", "ul"])
def test_every_block_is_one(name: str) -> None:
    """Words on both sides of its beginning and of its end stay apart."""
    text = plain_text(f"one<{name}>two</{name}>three")
    assert text.split() == ["one", "two", "three"]
    assert html_words(clean(f"one<{name}>two</{name}>three")) == ["one", "two", "three"]


def html_words(markup: str) -> list[str]:
    """What stands between tags."""
    return re.sub(r"<[^>]*>", " ", markup).split()


@pytest.mark.parametrize("make", [clean, plain_text])
def test_what_was_made_is_remembered(make: Callable[[str], str]) -> None:
    """By its content, so that what is the same again is not made again, while there is room."""
    first = make("<p>once <b>again</b></p>")
    assert make("<p>once <b>again</b></p>") is first
    for number in range(20):
        make(f"<p>{number}{'x' * (MOST_KEPT // 20)}</p>")
    again = make("<p>once <b>again</b></p>")
    assert again == first and again is not first


HOSTILE_LINKS = [
    '<a title="foo href=&quot;x" href="/y" id="z">a</a>',
    "<a title='foo href=\"' href=' onmouseover=alert(1) '>a</a>",
    '<a href="//x.test/&quot; onclick=&quot;alert(1)">a</a>',
    '<a href="java\nscript:alert(1)">a</a>',
    '<a href="data:text/html,x">a</a>',
    '<a href="http://[">a</a>',
    '<a href="//[">a</a>',
]
HOSTILE_BASES = ['https://a.test/"><script>alert(1)</script>', "javascript:alert(1)//", "x", "//"]


@pytest.mark.parametrize("markup", [*HOSTILE, *HOSTILE_LINKS])
@pytest.mark.parametrize("base", ["https://wiki.test", *HOSTILE_BASES])
def test_nothing_comes_in_by_a_base(markup: str, base: str) -> None:
    """The cleaner has the last word, whatever a wiki says of its own address."""
    cleaned = clean_with_base(markup, base)
    assert clean(cleaned) == cleaned
    assert not re.search(r"<(script|img|svg|iframe|style|form|input|math)", cleaned)
    attributes = re.findall(r'([a-z]+)="([^"]*)"', cleaned)
    assert {name for name, _ in attributes} <= {"href", "title", "rel", "class"}
    links = [value for name, value in attributes if name == "href"]
    assert all(link.startswith(("http://", "https://")) for link in links)


@given(st.text("<a href=\"title=\\'>/ &quot;:jscript", max_size=80), st.sampled_from(HOSTILE_BASES))
def test_any_markup_with_any_base(markup: str, base: str) -> None:
    """What is clean stays as it is."""
    cleaned = clean_with_base(markup, base)
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("given_classes", "kept"),
    [
        ("u-url mention", "u-url mention"),
        ("fixed inset-0 z-50 h-screen", ""),
        ("mention x", "mention"),
    ],
)
def test_classes(given_classes: str, kept: str) -> None:
    """Mastodon's own pass; others could be those of the page that shows the post."""
    for tag in ("a", "span"):
        cleaned = clean(f'<{tag} class="{given_classes}">x</{tag}>')
        assert f'class="{kept}"' in cleaned


def test_other_attributes_are_no_links() -> None:
    """Only an address is made absolute."""
    markup = '<a href="/x" title="t" hreflang="en">y</a><p dir="rtl" lang="he">z</p>'
    cleaned = clean_with_base(markup, "https://a.test")
    for kept in ('href="https://a.test/x"', 'title="t"', 'hreflang="en"', 'dir="rtl"', 'lang="he"'):
        assert kept in cleaned
