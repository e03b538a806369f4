"""Names of files: what a stranger called a file, made safe to show and to save under."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 120
"""Characters of a name, extension included."""

_PATH = re.compile(r"[/\\]")
_RESERVED = re.compile(r'[<>:"|?*]')
"""Signs that Windows forbids in names."""
_BLANK = re.compile(r"\s+")
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Control, format (bidi marks, zero width), surrogate, private, unassigned."""


def clean_name(name: str) -> str:
    """The last step of the path, in NFC, without control or bidi signs, at most `LONGEST` long.

    May be empty. The extension survives the cut, for it says what opens the file.
    """
    last = _PATH.split(name)[-1]
    seen = "".join(" " if c.isspace() else c for c in last if c.isspace() or _is_shown(c))
    calm = _BLANK.sub(" ", _RESERVED.sub("_", unicodedata.normalize("NFC", seen))).strip(" .")
    if len(calm) <= LONGEST:
        return calm
    stem, dot, extension = calm.rpartition(".")
    if not dot or len(extension) > 10:
        return calm[:LONGEST].rstrip(" .")
    return stem[: LONGEST - 1 - len(extension)].rstrip(" .") + dot + extension


def extension_of(name: str) -> str:
    """`.pdf` of `Letter.PDF`; empty when there is none."""
    stem, dot, extension = name.rpartition(".")
    return dot + extension.lower() if stem and extension else ""


def _is_shown(character: str) -> bool:
    return unicodedata.category(character) not in _DROPPED
