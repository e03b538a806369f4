"""The program as an operator has it: a process, an environment, a data folder with keys."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PREFIX = "SECURE_MAIL_"


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        assert self.code in {0, 1}, self.err
        return json.loads(self.out)

    @property
    def line(self) -> str:
        """The one line that tells of wrong usage or settings."""
        assert self.code == 2, (self.code, self.out, self.err)
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("secure-mail: ")
        return line


@dataclass(frozen=True)
class Program:
    """Runs commands on one data folder; a setting of the test's own machine does not count."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: object, **settings: str) -> Ran:
        clean = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
        given = {PREFIX + name: text for name, text in {**self.settings, **settings}.items()}
        done = subprocess.run(
            [sys.executable, "-m", "secure_mail", *map(str, arguments)],
            cwd=self.folder,
            env={**clean, **given},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert "Traceback" not in done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def copied(self, folder: Path) -> Program:
        """The same, with a folder of its own."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        moved = {
            name: text.replace(str(self.folder), str(folder))
            for name, text in self.settings.items()
        }
        return Program(folder, moved)


def made(folder: Path) -> Program:
    """Keys and tables, as `keys init` and `migrate` leave them."""
    bare = Program(folder, {"DATA_DIR": f"{folder}/data", "KEY_DIR": f"{folder}/keys"})
    keys = bare("keys", "init")
    assert keys.code == 0, keys.err
    pin = next(line for line in keys.out.splitlines() if line.startswith(f"{PREFIX}KEY_PIN="))
    pinned = {**bare.settings, "KEY_PIN": pin.partition("=")[2]}
    program = Program(folder, {**pinned, "STAFF_BASE_URL": "https://staff.example"})
    tables = program("migrate")
    assert tables.code == 0, tables.err
    return program
