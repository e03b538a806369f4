"""Settings: what keeps a process from starting, and what it would start with all the same."""

from __future__ import annotations

from collections.abc import Iterator

from secure_mail.application.ports.safety import SafetyError
from secure_mail.bootstrap.safety import refuse_unsafe
from secure_mail.domain.examination import Finding, Found
from secure_mail.run.doctor.patient import Patient

found = Found("settings")
DOORS = {"web", "smtp", "lmtp", "imap"}
PRIVATE = {"reading", "worker", "staff"}


def examine(patient: Patient) -> Iterator[Finding]:
    """By the settings and the modes of files alone."""
    settings = patient.settings
    try:
        refuse_unsafe(settings, patient.roles)
    except SafetyError as error:
        yield found.fail("safe to start", error.fault, error.remedy)
    else:
        yield found.ok("safe to start", "nothing forbids it")
    yield _separation(patient)
    if "smtp" in patient.roles:
        yield _tls(patient)
    if settings.demo:
        yield found.warn("demo", "a demo's folder, with a demo's settings", "Let no real mail in")


def _separation(patient: Patient) -> Finding:
    name = "separation of processes"
    if DOORS & set(patient.roles) and PRIVATE & set(patient.roles):
        return found.warn(
            name,
            "the roles of doors and of private keys share a user: a broken door can read mail",
            "Run each role as a user of its own, or in a container (docs/how-to/install.md)",
        )
    return found.ok(name, f"{', '.join(patient.roles)} only")


def _tls(patient: Patient) -> Finding:
    name = "mail over TLS only"
    if patient.settings.smtp_require_tls:
        return found.ok(name, "mail without STARTTLS is refused")
    return found.warn(
        name,
        "mail is taken without TLS, and can be read on its way",
        "Set SECURE_MAIL_SMTP_REQUIRE_TLS=true",
    )
