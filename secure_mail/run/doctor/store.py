"""Store: nothing that was acknowledged may be lost, and there must be room for the next."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from secure_mail.application.ports.blobs import BlobsUnavailableError
from secure_mail.application.ports.store import StoreDownError
from secure_mail.application.upkeep.listings import VerifyLedger
from secure_mail.bootstrap.safety import refuse_plain_peers
from secure_mail.domain.examination import Finding, Found
from secure_mail.infrastructure.db.engine import safety_faults
from secure_mail.infrastructure.db.migrate import pending
from secure_mail.run.doctor.patient import Patient

found = Found("store")
LOW = 0.10
"""Share of the disk that should be free."""
IN_PROGRESS = timedelta(minutes=60)
"""As `ledger verify` has it."""
SKEW = timedelta(seconds=30)
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")


def examine(patient: Patient) -> Iterator[Finding]:
    """Reads only. Raises SafetyError when the store may not be spoken to at all."""
    refuse_plain_peers(patient.settings)
    yield _room(patient)
    yield from _clock(patient)
    file = patient.sqlite_file
    if file is not None and not file.exists():
        yield found.fail("database", "there is none", "Run secure-mail migrate")
        return
    try:
        yield from _database(patient)
    except StoreDownError as error:
        yield found.fail("database", f"does not answer ({error})", "See that it runs")


def _database(patient: Patient) -> Iterator[Finding]:
    database = patient.parts.database
    faults = safety_faults(database)
    if faults:
        yield found.fail("database", "; ".join(faults), "Correct its configuration")
    else:
        yield found.ok("database", "a commit lasts (write-ahead log, synchronous)")
    if pending(database):
        yield found.fail("tables", "are of another version", "Run secure-mail migrate")
        return
    yield found.ok("tables", "are of this version")
    count, oldest = VerifyLedger(units=patient.parts.units, clock=patient.parts.clock)()
    late = oldest is not None and patient.now - oldest >= IN_PROGRESS
    if not count.balanced:
        yield found.fail(
            "ledger", "does not add up", "Run secure-mail ledger verify, and restore nothing yet"
        )
    elif late:
        yield found.fail(
            "ledger", "a message has been in progress for an hour", "See that a worker runs"
        )
    else:
        yield found.ok("ledger", f"{count.accepted} accepted, each accounted for")
    if oldest is not None and oldest > patient.now + SKEW:
        yield found.fail(
            "clock and store", "a message came in after now", "Correct the clock (NTP)"
        )


def _room(patient: Patient) -> Finding:
    name = "room"
    try:
        if not patient.parts.blobs.room():
            return found.fail(name, "too little: mail is put off", "Make room where BLOB_URL says")
        disk = shutil.disk_usage(patient.settings.data_dir)
    except BlobsUnavailableError:
        return found.fail(name, "the blob store does not answer", "See SECURE_MAIL_BLOB_URL")
    except FileNotFoundError:
        return found.fail(name, "there is no data folder", "Run secure-mail migrate")
    what = f"{disk.free // 2**30} of {disk.total // 2**30} GiB free in the data folder"
    if disk.free < LOW * disk.total:
        return found.warn(name, what, "Make room before mail is put off")
    return found.ok(name, what)


def _clock(patient: Patient) -> Iterator[Finding]:
    """Ends of links and of certificates are instants: a wrong clock opens or shuts doors."""
    file = patient.sqlite_file
    written = _written(file) if file is not None else None
    if written is not None and written > patient.now + SKEW:
        yield found.fail(
            "clock", "the database was written after now: the clock went back", "Correct it (NTP)"
        )
    elif SYNCHRONISED.exists():
        yield found.ok("clock", "systemd-timesyncd says that it is synchronised")
    else:
        yield found.unknown(
            "clock",
            f"says {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {time.tzname[0]} here; "
            "whether it is synchronised cannot be seen",
            "See that chrony or another NTP client runs",
        )


def _written(file: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return None
