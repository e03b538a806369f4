"""Adds to a wheel what lies outside the package: style sheets, templates, the reference rules."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CARRIED = ("templates", "routing_rules.yaml")


class CompleteWheel(BuildHookInterface[Any]):
    """A wheel carries everything or is not made; an editable install reads the checkout itself."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Run by hatchling before it collects the files; `version` is `standard` or `editable`."""
        root = Path(self.root)
        if version == "editable":
            try:
                build_style_sheets(root)
            except Exception as failure:  # noqa: BLE001  the server can do without: plain HTML
                sys.stderr.write(f"style sheets not built: {failure}\n")
            # hatchling copies `force_include` into site-packages even then, and copies grow stale
            return
        build_style_sheets(root)
        for name in CARRIED:
            build_data["force_include"][str(root / name)] = f"secure_mail/_data/{name}"


def build_style_sheets(root: Path) -> None:
    """Call the builder that `make` and the image use too."""
    runpy.run_path(str(root / "frontend" / "build.py"))["build"](root)
