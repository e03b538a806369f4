"""The mails that the demo sent, as their readers would use them."""

from __future__ import annotations

import re
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

PATIENCE = 20.0
LINK = re.compile(r"^https?://\S+/l/\S+$", re.MULTILINE)
CODE = re.compile(r"\b\d{4} \d{4}\b")
STOP_CODE = re.compile(r"(?<=stop code )[A-Z0-9]{8}")


class Outbox:
    """The demo's maildir."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def newest(self, address: str, pattern: re.Pattern[str]) -> str:
        """What the pattern finds in the newest mail to that address that has it; waits for one."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for text in self._texts(address):
                found = pattern.search(text)
                if found:
                    return found.group()
            time.sleep(0.05)
        raise AssertionError(f"no mail with {pattern.pattern}")

    def _texts(self, address: str) -> list[str]:
        files = sorted(self._folder.glob("new/*"), key=lambda file: -file.stat().st_mtime_ns)
        mails = [
            message_from_bytes(file.read_bytes(), EmailMessage, policy=policy.default)
            for file in files
        ]
        return [mail.get_content() for mail in mails if address in str(mail["to"])]
