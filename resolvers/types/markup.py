"""What elements stand for where they are not kept: HTML beyond what a cleaner lets through.

Servers send headings, tables, pictures and formulas. Leaving their tags out would glue words
together and lose what pictures and formulas say, so they are rewritten first. The cleaner has the
last word all the same: nothing here is relied on for safety.
"""

import html
import re

_PARAGRAPHS = (
    "address|article|aside|blockquote|caption|center|details|div|dl|fieldset|figcaption|figure|"
    "footer|form|h[1-6]|header|hr|main|nav|p|pre|section|summary|table|tbody|tfoot|thead"
)
"""Elements that begin and end a paragraph."""
_LINES = "dd|dt|li|ol|optgroup|option|tr|ul"
"""Elements that begin and end a line."""
_CELLS = "td|th"
_KEPT = "blockquote|br|li|ol|p|pre|ul"
"""Those of them that a cleaner keeps as they are."""

_MOST = 4096
"""Characters of a tag's attributes that are looked at."""


def _tags(names: str) -> re.Pattern[str]:
    return re.compile(rf"</?(?:{names})(?![a-z0-9-])[^<>]{{0,{_MOST}}}>", re.IGNORECASE)


_UNUSUAL = re.compile(r"<(?!/?(?:p|br|a|span|b|i|em|strong|del|code|u|s)\b)", re.IGNORECASE)
_PARAGRAPH, _LINE, _CELL = _tags(_PARAGRAPHS), _tags(_LINES), _tags(_CELLS)
_BREAK = re.compile(r"<br\s{0,8}/?>", re.IGNORECASE)
_LOST_BLOCK = _tags(
    "|".join(each for each in f"{_PARAGRAPHS}|{_LINES}".split("|") if each not in _KEPT.split("|"))
)
_PICTURE = _tags("img")
_ALT = re.compile(
    r"""\balt\s{0,8}=\s{0,8}(?:"([^"]{0,500})"|'([^']{0,500})'|([^\s"']{1,500}))""", re.IGNORECASE
)
_ANNOTATION = re.compile(r"<annotation\b[^<>]{0,4096}>([^<]{0,4096})</annotation>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,4096}>")
_QUOTE_LINE = re.compile(
    r"""<(p|span)\s{1,8}class=["'](?:[\w-]{1,40} ){0,8}quote-inline["' ]""", re.IGNORECASE
)
_EMPTY = re.compile(r"<p>\s*</p>")
_BOUNDARY = re.compile(r"([\x01\x02][\s\x01\x02]*)")
_MARKS = {1: None, 2: None}


def is_usual(markup: str) -> bool:
    """Whether there is nothing in it that has to be rewritten, as in nearly all posts."""
    return _UNUSUAL.search(markup) is None


def keep_blocks(markup: str) -> str:
    """The markup with paragraphs in place of blocks that a cleaner would leave out."""
    return _LOST_BLOCK.sub("</p><p>", _say_in_words(markup))


def drop_empty(markup: str) -> str:
    """Cleaned markup without paragraphs of nothing."""
    return _EMPTY.sub("", markup)


def drop_quote_line(markup: str) -> str:
    """The markup without the first link to a quoted post, which is there for who shows no quotes.

    Mastodon writes it as a paragraph, others as a span around a link.
    """
    opened = _QUOTE_LINE.search(markup)
    if opened is None:
        return markup
    inside = markup.find("</a>", opened.end()) if opened[1].lower() == "span" else opened.end()
    closing = f"</{opened[1]}>"
    end = markup.find(closing, inside) if inside >= 0 else -1
    return markup[: opened.start()] + markup[end + len(closing) :] if end >= 0 else markup


def mark_blocks(markup: str) -> str:
    """The markup with a mark wherever a paragraph (2) or a line (1) begins or ends."""
    marked = markup.translate(_MARKS)
    if not is_usual(marked):
        marked = _LINE.sub("\x01", _say_in_words(marked))
    return _BREAK.sub("\n", _PARAGRAPH.sub("\x02", marked))


def break_lines(text: str) -> str:
    """Text with a blank line between paragraphs and a break between lines, by their marks."""
    first, *rest = _BOUNDARY.split(text)
    shown = [first.rstrip()]
    for boundary, part in zip(rest[::2], rest[1::2], strict=True):
        shown += ["\n\n" if "\x02" in boundary else "\n", part.rstrip()]
    return "".join(shown)


def _say_in_words(markup: str) -> str:
    """The markup with words for its pictures and formulas, and a blank between cells."""
    return _CELL.sub(" ", _say_formulas(_PICTURE.sub(_say_picture, markup)))


def _say_picture(found: re.Match[str]) -> str:
    alt = _ALT.search(found[0])
    said = next((each for each in alt.groups() if each), "") if alt else ""
    return html.escape(html.unescape(said)) or "🖼"


def _say_formulas(markup: str) -> str:
    """Each formula by its annotation, or else by the text of its parts."""
    shown, at = [], 0
    while (start := markup.find("<math", at)) >= 0:
        end = markup.find("</math>", start)
        end = end + len("</math>") if end >= 0 else len(markup)
        formula = markup[start:end]
        annotation = _ANNOTATION.search(formula)
        shown += [markup[at:start], annotation[1] if annotation else _TAG.sub("", formula)]
        at = end
    return "".join([*shown, markup[at:]])
