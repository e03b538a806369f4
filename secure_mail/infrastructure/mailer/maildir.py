"""The demo's mail: files in a maildir. Tokens and codes lie there in the clear."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from secure_mail.application.ports.mail import MailTemporaryError, OutgoingMail
from secure_mail.infrastructure.mailer.compose import Compose, mail_name


@dataclass(frozen=True, slots=True)
class MaildirMailer:
    """Delivers into `new/` under the Message-ID's name: a rerun replaces its own file."""

    folder: Path
    compose: Compose

    def send(self, mail: OutgoingMail) -> str:
        """Durable on return. Raises MailTemporaryError when the disk does not take it."""
        # As whoever delivers finally writes it (RFC 5321, 4.4).
        path = f"Return-Path: <{self.compose.envelope_sender(mail)}>\n".encode("ascii")
        octets = path + self.compose(mail, "8bit").replace(b"\r\n", b"\n")
        try:
            self._deliver(str(mail_name(mail)), octets)
        except OSError as error:
            raise MailTemporaryError(type(error).__name__) from None
        return "250"

    def _deliver(self, name: str, octets: bytes) -> None:
        for part in ("tmp", "new", "cur"):
            (self.folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, written = tempfile.mkstemp(prefix=f"{name}.", dir=self.folder / "tmp")
        with os.fdopen(handle, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        delivered = self.folder / "new"
        Path(written).replace(delivered / name)
        folder = os.open(delivered, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
