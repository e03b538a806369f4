"""Addresses of style sheets and modules, whose names change with their content."""

from __future__ import annotations

import json
from pathlib import Path

import structlog

log = structlog.get_logger()


class Assets:
    """Plain name -> address under `/static/`; without a build pages are plain, semantic HTML."""

    def __init__(self, static: Path) -> None:
        """`static` is the folder that the web door serves at `/static`."""
        manifest = static / "build" / "manifest.json"
        try:
            self._names: dict[str, str] = json.loads(manifest.read_text("utf-8"))
        except FileNotFoundError:
            self._names = {}
            log.warning("static.not-built", run="python frontend/build.py")

    def address(self, name: str) -> str | None:
        """`/static/build/site-1a10….css` for `site.css`; None when it was not built."""
        return f"/static/build/{self._names[name]}" if name in self._names else None
