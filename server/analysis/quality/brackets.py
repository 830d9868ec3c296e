"""Brackets: whether each is closed by its own, past strings and comments, where there is no parser for more.

One pass from left to right; each character is looked at a bounded number of times.
"""

import re
from dataclasses import dataclass

_CLOSERS = {")": "(", "]": "[", "}": "{"}
_STRINGS = r'"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*(?:"|(?=\n)|\Z)'
_QUOTED = r"'(?:\\.|[^'\\\n]){0,200}'"
_CHARACTER = r"'(?:\\[^'\n]{1,9}|[^'\\\n])'"
_BACKTICKS = r"`(?:\\[\s\S]|[^`\\])*(?:`|\Z)"
_SLASHES = r"//[^\n]*|/\*[\s\S]*?(?:\*/|\Z)"
_HASH = r"(?:(?<=\s)|(?<![\s\S]))\#[^\n]*"
_DASHES = r"--[^\n]*"

_GRAMMARS = {
    "slashes": (_SLASHES, rf"{_STRINGS}|{_QUOTED}|{_BACKTICKS}"),
    "characters": (_SLASHES, rf"{_STRINGS}|{_CHARACTER}"),
    "hash": (_HASH, rf"{_STRINGS}|{_QUOTED}"),
    "dashes": (rf"{_DASHES}|/\*[\s\S]*?(?:\*/|\Z)", rf"{_STRINGS}|{_QUOTED}"),
}
_FAMILIES = {
    "slashes": ("css", "scss", "dart", "go", "javascript", "typescript", "kotlin", "php", "swift", "vue"),
    "characters": ("c", "c++", "csharp", "java", "rust", "scala"),
    "hash": ("elixir", "julia", "perl", "r", "ruby", "shellscript"),
    "dashes": ("haskell", "lua", "sql"),
}
_EXPRESSION = re.compile(r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n]){0,80}\]|[^/\\\n\[]){1,300}/[a-z]{0,8}")
"""A regular expression of JavaScript, which can stand only where a value can."""


@dataclass(slots=True)
class Scan:
    """What was found: brackets in all and without a partner, and lines with comments."""

    brackets: int = 0
    unmatched: int = 0
    comments: int = 0


def scan(text: str, language: str) -> Scan:
    """Match the brackets of some source. In unknown languages nothing is taken for a string or a comment."""
    family = next((name for name, languages in _FAMILIES.items() if language in languages), None)
    comment, string = _GRAMMARS[family] if family else (r"(?!)", r"(?!)")
    expressions = language in {"javascript", "typescript", "vue"}
    token = re.compile(rf"(?P<comment>{comment})|(?P<string>{string})|(?P<other>[^\s\w])")
    # In `case` of a shell a round bracket closes what none opened.
    counted = "[]{}" if language == "shellscript" else "()[]{}"
    found, last, at = Scan(), "", 0
    open_: list[str] = []
    while match := token.search(text, at):
        between = text[at : match.start()].rstrip()
        last = between[-1] if between else last
        at = match.end()
        if match["comment"]:
            found.comments += 1 + match["comment"].count("\n")
        elif match["string"]:
            last = '"'
        else:
            sign = match["other"]
            if sign == "/" and expressions and (last in "(,=:[!&|?{};\n>" or not last):
                if expression := _EXPRESSION.match(text, match.start()):
                    at = expression.end()
            elif sign in counted:
                _count(sign, open_, found)
            last = sign
    found.unmatched += len(open_)
    return found


def _count(sign: str, open_: list[str], found: Scan) -> None:
    found.brackets += 1
    if sign not in _CLOSERS:
        open_.append(sign)
    elif _CLOSERS[sign] in open_[-3:]:
        while open_.pop() != _CLOSERS[sign]:
            found.unmatched += 1
    else:
        found.unmatched += 1
