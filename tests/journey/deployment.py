"""A deployment whose roles run apart: a process, a key folder and a wrapping key for each."""

from __future__ import annotations

import json
import re
import shutil
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.certificates import self_signed
from tests.journey.browser import Browser
from tests.journey.program import Operator, Running, surroundings
from tests.services.processes import free_port

SITE, STAFF_SITE = "https://localhost", "https://staff.localhost"
ROLES = ("web", "reading", "staff", "smtp", "worker", "scheduler")
OF_READING = re.compile(r"/(en|fi|sv)/(read|messages)(/.*)?")


@dataclass
class Deployment:
    """`make` prepares it as the operator's manual says; `start` runs one role."""

    scratch: Path
    shared: dict[str, object]
    """Settings of every process: database, broker."""
    only: dict[str, dict[str, object]] = field(default_factory=dict)
    """Settings of one role."""
    machine: dict[str, str] = field(default_factory=dict)
    """The environment beside the settings."""
    running: dict[str, Running] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def make(self) -> Deployment:
        """Keys, tables, and a folder with one key file and one wrapping key for each role."""
        self.shared = {
            "DATA_DIR": self.shared_data,
            "BASE_URL": SITE,
            "STAFF_BASE_URL": STAFF_SITE,
            "HTTP_TRUSTED_PROXIES": "127.0.0.1/32",
            **self.shared,
        }
        self.ports = {role: free_port() for role in ("web", "reading", "staff", "smtp")}
        made = self.keys_init()
        self.shared["KEY_PIN"] = made
        self.operator.run("migrate")
        for role in ROLES:
            self.hand_out(role)
        certificate, key = self_signed(self.scratch)
        self.only.setdefault("smtp", {}).update(SMTP_TLS_CERT=certificate, SMTP_TLS_KEY=key)
        return self

    @property
    def shared_data(self) -> Path:
        """Blobs and locks."""
        return self.scratch / "data"

    @property
    def all_keys(self) -> Path:
        return self.scratch / "all-keys"

    def keys_init(self) -> str:
        """Makes every key; the pin that was printed."""
        settings = {**self.shared, "KEY_DIR": self.all_keys}
        told = Operator(surroundings(settings)).run("keys", "init").stdout
        pin = re.search(r"^SECURE_MAIL_KEY_PIN=(\S+)$", told, re.MULTILINE)
        assert pin, told
        return pin[1]

    def hand_out(self, role: str) -> None:
        """What a role is given: the public keys, its own key file, its own wrapping key."""
        folder, wrap = self.key_dir(role), self.scratch / "wrap"
        folder.mkdir(parents=True, mode=0o700)
        wrap.mkdir(exist_ok=True, mode=0o700)
        for name in ("public.json", f"{role}.key"):
            shutil.copy2(self.all_keys / name, folder)
        shutil.copy2(self.all_keys / f"{role}.wrap", wrap)

    def key_dir(self, role: str) -> Path:
        return self.scratch / "keys" / role

    @property
    def operator(self) -> Operator:
        return Operator({**surroundings(self.shared), **self.machine})

    def settings(self, role: str) -> dict[str, object]:
        own: dict[str, object] = {
            "KEY_DIR": self.key_dir(role),
            "KEY_WRAP_FILE": self.scratch / "wrap" / f"{role}.wrap",
        }
        bind = {"web": "HTTP", "reading": "HTTP", "staff": "STAFF", "smtp": "SMTP"}.get(role)
        if bind:
            own[f"{bind}_BIND"] = f"127.0.0.1:{self.ports[role]}"
        return {**self.shared, **own, **self.only.get(role, {})}

    def environment(self, role: str) -> dict[str, str]:
        return {**surroundings(self.settings(role)), **self.machine}

    def start(self, *roles: str) -> None:
        """Returns when each says that it is ready."""
        for role in roles:
            words = ("serve", "--role", role)
            self.running[role] = Running.start(words, self.environment(role), self.scratch, role)
        for role in roles:
            process = self.running[role]
            process.wait_for(lambda log=process.err: _ready(log), f"{role} is ready")

    def stop(self, *roles: str) -> None:
        ended = [self.running.pop(role) for role in roles or tuple(self.running)]
        codes = [process.end() for process in ended]
        for process, code in zip(ended, codes, strict=True):
            assert code == 0, process.err.read_text()[-2000:]

    def browser(self) -> Browser:
        """At the public address, behind the proxy that shares it between two processes."""

        def proxy(path: str) -> str:
            role = "reading" if OF_READING.fullmatch(path) else "web"
            return f"127.0.0.1:{self.ports[role]}"

        return Browser(SITE, through=proxy)

    def staff_browser(self) -> Browser:
        return Browser(STAFF_SITE, through=lambda _: f"127.0.0.1:{self.ports['staff']}")

    @property
    def smtp(self) -> tuple[str, int]:
        return "127.0.0.1", self.ports["smtp"]

    @property
    def logs(self) -> list[Path]:
        return [*self.scratch.glob("*.out"), *self.scratch.glob("*.err")]

    def answers(self, role: str) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.ports[role]), 0.2):
            return True
        return False


def _ready(log: Path) -> bool:
    return any(event.get("event") == "process.ready" for event in events(log))


def events(log: Path) -> list[dict[str, Any]]:
    """The lines of a log; a line that is still being written is left out."""
    found = []
    for line in log.read_text().splitlines():
        with suppress(ValueError):
            found.append(json.loads(line))
    return found
