"""What the demo tells: addresses, the staff sign-in with a current code, where mail can be read."""

from __future__ import annotations

import json
import os
from pathlib import Path

from rich.console import Console
from rich.table import Table

from secure_mail.infrastructure.sign_in.totp import AuthenticatorCodes
from secure_mail.run.demo_record import DemoRecord
from secure_mail.run.process import Process


def announce(process: Process, record: DemoRecord) -> None:
    """Prints it for a person, on stdout."""
    settings = process.parts.settings
    host, port = process.smtp.address if process.smtp else ("", 0)
    code = AuthenticatorCodes().code(record.totp_secret, process.parts.clock.now())
    told = Table(show_header=False, box=None, padding=(0, 2))
    told.add_row("Public pages", settings.base_url + "/")
    told.add_row("Outgoing mail", settings.base_url + "/demo/outbox")
    told.add_row("Staff pages", settings.base_url + "/staff/")
    told.add_row("  e-mail", record.email)
    told.add_row("  password", record.password)
    told.add_row("  code now", f"{code}  (authenticator key {record.totp_secret})")
    told.add_row("SMTP door", f"{host}:{port}, STARTTLS, mailboxes @{process.parts.book.domain}")
    told.add_row("Data", str(settings.data_dir))
    screen = Console()
    screen.print("\n[bold]Secure Mail demo is ready.[/bold] Loopback only; Ctrl-C ends it.\n")
    screen.print(told)
    screen.print()


def write_ready(process: Process, record: DemoRecord, file: Path) -> None:
    """Writes one JSON object for scripts, whole or not at all."""
    settings = process.parts.settings
    host, port = process.smtp.address if process.smtp else ("", 0)
    outbox = Path(settings.relay_url.get_secret_value().removeprefix("maildir:"))
    facts = {
        "http": settings.base_url,
        "smtp": f"{host}:{port}",
        "data_dir": str(settings.data_dir.resolve()),
        "staff": {
            "email": record.email,
            "password": record.password,
            "totp_secret": record.totp_secret,
        },
        "outbox": str(outbox.resolve()),
    }
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as out:
        json.dump(facts, out)
    fresh.replace(file)
