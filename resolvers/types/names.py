"""Names that strangers gave themselves, so that no line that they stand in is turned round."""

import unicodedata

_DIRECTING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Controls that reach beyond the name: https://www.unicode.org/reports/tr9/#Directional_Formatting_Codes"""
_BLANK = frozenset("\u2800\u3164\u115f\u1160\uffa0\u17b4\u17b5")
"""Letters and symbols by their category, of which nothing is seen."""
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Mn", "Me", "Zs", "Zl", "Zp"})
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_ISOLATE, _END = "\u2068", "\u2069"


def read_name(text: str | None) -> str | None:
    """A name as it may be shown, on one line; None where nothing of it is to be seen."""
    if not text:
        return None
    if text.isascii() and text.isprintable():
        return text if not text.isspace() else None
    kept = "".join(" " if unicodedata.category(each) == "Cc" else each for each in text)
    name = " ".join(kept.translate(_DIRECTING).split())
    return name if any(_is_visible(each) for each in name) else None


def isolate(name: str) -> str:
    """A name within a line: one that is written from right to left does not turn the rest round."""
    if name.isascii():
        return name
    has_other_direction = any(unicodedata.bidirectional(each) in _RIGHT_TO_LEFT for each in name)
    return f"{_ISOLATE}{name}{_END}" if has_other_direction else name


def _is_visible(character: str) -> bool:
    return character not in _BLANK and unicodedata.category(character) not in _INVISIBLE
