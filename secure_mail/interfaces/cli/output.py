"""How commands answer: one JSON document on stdout, or a table for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

WIDE = 200
"""Columns of a table that goes into a file or a pipe: nothing in it is broken."""


def say(line: str) -> None:
    """One line on stdout."""
    sys.stdout.write(line + "\n")


def remark(line: str) -> None:
    """One line on stderr: beside the answer."""
    sys.stderr.write(line + "\n")


def document(value: Mapping[str, object]) -> None:
    """The JSON answer."""
    say(json.dumps(value, ensure_ascii=False))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """The answer for people; None is shown as nothing, an empty list is said on stderr."""
    found = list(rows)
    if not found:
        remark("nothing to list")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in found:
        shown.add_row(*(Text(_cell(value)) for value in row))
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    console.print(shown)


def facts(pairs: Mapping[str, object]) -> None:
    """One thing, a line per fact."""
    width = max(map(len, pairs))
    for name, value in pairs.items():
        say(f"{name:<{width}}  {_cell(value)}".rstrip())


def instant(moment: datetime | None) -> str | None:
    """ISO 8601, to the millisecond, with its offset."""
    return None if moment is None else moment.isoformat(timespec="milliseconds")


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)
