"""HTML to plain text, for reading and for the rules: one pass, never a loop over what was passed.

The standard library's parser is not used: unclosed tags cost it quadratic time, and it raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from secure_mail.infrastructure.mime.charsets import showable

_NAME = re.compile(r"/?[a-z][a-z0-9]*")
_HIDDEN = frozenset({"script", "style", "head", "title", "template"})
_BREAKS = frozenset({
    "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p",
    "pre", "section", "table", "tr", "ul",
})  # fmt: skip
_CELLS = frozenset({"td", "th"})
_HUGE_NUMBER = re.compile(r"&#[xX]?[0-9a-fA-F]{9,};?")
_BLANKS = re.compile(r"[ \t\r\n\f\v\u00a0]+")
_AROUND = re.compile(r" ?\n ?")
_MANY = re.compile(r"\n{3,}")


def html_to_text(html: str) -> str:
    """What a reader sees: blocks on lines of their own, no scripts, styles or comments."""
    out: list[str] = []
    for is_tag, piece in _pieces(html):
        if not is_tag:
            out.append(_BLANKS.sub(" ", unescape(_HUGE_NUMBER.sub("\ufffd", piece))))
        elif piece.strip("/") in _BREAKS:
            out.append("\n")
        elif piece in _CELLS:
            out.append(" ")
    return showable(_MANY.sub("\n\n", _AROUND.sub("\n", "".join(out)))).strip()


def _pieces(html: str) -> Iterator[tuple[bool, str]]:
    """Text and the lower-case names of tags; what no `>` closes ends the document."""
    lower = html.lower() if html.isascii() else _ascii_lower(html)
    at = 0
    while (start := html.find("<", at)) >= 0:
        yield False, html[at:start]
        if html.startswith("<!--", start):
            at = _after(html, "-->", start + 4)
            continue
        name = _NAME.match(lower, start + 1)
        if name is None and html[start + 1 : start + 2] not in {"!", "?", "/"}:
            yield False, "<"
            at = start + 1
            continue
        at = _after(html, ">", start)
        if name is None:
            continue
        yield True, name[0]
        if name[0] in _HIDDEN:
            at = _after(html, ">", _after(lower, f"</{name[0]}", at))
    yield False, html[at:]


def _after(text: str, sign: str, at: int) -> int:
    found = text.find(sign, at)
    return found + len(sign) if found >= 0 else len(text)


def _ascii_lower(text: str) -> str:
    """Lower case that keeps every position."""
    return text.translate({code: code + 32 for code in range(ord("A"), ord("Z") + 1)})
