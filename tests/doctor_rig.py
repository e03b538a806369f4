"""A deployment under examination, and what is found."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from secure_mail.domain.examination import Finding, State
from secure_mail.run.doctor.examine import examine
from secure_mail.run.doctor.patient import Patient
from secure_mail.settings import PREFIX, configured_roles, read_settings
from tests.program import Program

OK, WARN, FAIL, UNKNOWN = State
DOMAIN = "kela.fi"


def bare(folder: Path) -> Program:
    """Settings alone: no keys, no tables."""
    return Program(folder, {"DATA_DIR": f"{folder}/data", "KEY_DIR": f"{folder}/keys"})


def patient(program: Program, roles: tuple[str, ...] = (), **settings: object) -> Patient:
    values = {**program.settings, "BASE_URL": "https://localhost", **settings}
    read = read_settings({PREFIX + name: str(value) for name, value in values.items()})
    return Patient(settings=read, roles=roles or configured_roles(read), now=datetime.now(UTC))


def found(examined: Patient, group: str) -> dict[str, Finding]:
    try:
        return {finding.name: finding for finding in examine(examined, [group])}
    finally:
        examined.close()


def states(examined: Patient, group: str) -> dict[str, State]:
    return {name: finding.state for name, finding in found(examined, group).items()}
