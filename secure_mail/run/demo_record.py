"""What a demo folder remembers between runs: its staff sign-in and whether samples were fed."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

from secure_mail.application.ports.safety import SafetyError
from secure_mail.run.demo_folder import MARKER


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRecord:
    """Lies in the marker file, readable by its owner only; made anew for every folder."""

    email: str = ""
    password: str = field(default="", repr=False)
    totp_secret: str = field(default="", repr=False)
    fed: bool = False

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Makes the folder if need be. Raises SafetyError: there is a database, but no marker."""
        marker = folder / MARKER
        if marker.exists():
            return cls(**json.loads(marker.read_text(encoding="utf-8") or "{}"))
        if any(folder.glob("*.db")):
            raise SafetyError(
                "this folder holds data that is no demo's",
                str(folder),
                "Name another folder as SECURE_MAIL_DATA_DIR",
            )
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        record = cls()
        record.keep(folder)
        return record

    def keep(self, folder: Path) -> None:
        """Writes the marker, whole or not at all."""
        fresh = folder / f"{MARKER}.new"
        fresh.unlink(missing_ok=True)
        opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
        fresh.replace(folder / MARKER)

    def after_feeding(self) -> Self:
        return replace(self, fed=True)
