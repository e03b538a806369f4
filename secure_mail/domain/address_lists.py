"""Which addresses a From header names, read so that no second one can hide (RFC 5322, 3.4).

Mail programs disagree about crooked headers; whoever shows another address than the one that was
proved, deceives. So every place where an address could be read counts: two are always two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ENCODED_WORD = re.compile(r"=\?[^?\s]*\?[^?\s]*\?")
"""An encoded word (RFC 2047) is display text; one that meets an `@` would be read both ways."""
_TOKENS = re.compile(
    r"""
    (?P<quoted>"(?:[^"\\]|\\.)*"?)     # an unclosed quote reaches to the end
  | (?P<angle><[^<>]*>?)
  | (?P<comment>\()
  | (?P<blank>[\s,;:>)]+)
  | (?P<word>[^\s,;:<>()"]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)


def addresses_in(value: str) -> tuple[str, ...]:
    """Every address of one header value, in order, as written; display names and comments are none.

    A bare word that only repeats the address in the brackets after it is its display name.
    """
    found: list[str] = []
    loose = ""
    for kind, text in _pieces(value):
        if kind == "blank":
            continue
        counts = "@" in text and not _ENCODED_WORD.search(text)
        if counts and kind == "angle" and text.casefold() == loose.casefold():
            found.pop()
        if counts:
            found.append(text)
        loose = text if counts and kind == "word" else ""
    return tuple(found)


def recipients_in(value: str) -> tuple[str, ...]:
    """Whom a To or Cc names beyond doubt: here an address that could be a name is none.

    Who answers a stranger repeats the name that the stranger gave himself.
    """
    found: list[str] = []
    entry: list[tuple[str, str]] = []
    for kind, text in (*_pieces(value), ("blank", ",")):
        if kind != "blank":
            entry.append((kind, text))
        elif ":" in text:
            entry.clear()
        elif "," in text or ";" in text:
            brackets = [one == "angle" for one, _ in entry]
            if len(entry) == 1 or (sum(brackets) == 1 and brackets[-1]):
                found.append(entry[-1][1])
            entry.clear()
    return tuple(found)


def _pieces(value: str) -> Iterator[tuple[str, str]]:
    """Words, brackets, and what separates them; a quoted local part belongs to the word that
    follows it at once.
    """
    at = 0
    quoted = ""
    while match := _TOKENS.match(value, at):
        kind = match.lastgroup
        at = match.end()
        if kind == "comment":
            at = _after_comment(value, at)
        if kind == "word":
            glued = quoted + match[0] if match[0].startswith("@") else match[0]
            yield "word", glued
        elif kind == "angle":
            yield "angle", "".join(match[0].strip("<>").split())
        elif kind == "blank":
            yield "blank", match[0]
        quoted = match[0] if kind == "quoted" else ""


def _after_comment(value: str, start: int) -> int:
    """Comments nest; one that never closes reaches to the end."""
    depth = 1
    for match in _PARENTHESIS.finditer(value, start):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if not depth:
            return match.end()
    return len(value)
