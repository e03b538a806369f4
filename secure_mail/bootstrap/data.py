"""Files that are carried beside the code: the rules, the templates, the style sheets."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def data_path(name: str) -> Path:
    """`routing_rules.yaml` or `templates`: in the wheel under `_data`, else at the top level."""
    carried = _PACKAGE / "_data" / name
    return carried if carried.exists() else _PACKAGE.parent / name


STATIC = _PACKAGE / "static"
