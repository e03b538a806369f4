"""The whole examination, group by group; no fault of one group hides another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import typer

from secure_mail.application.ports.safety import SafetyError
from secure_mail.domain.examination import Finding, Found
from secure_mail.run.doctor import (
    keys,
    mail_domain,
    mailboxes,
    partners,
    relay,
    settings,
    smtp,
    store,
)
from secure_mail.run.doctor.patient import Patient
from secure_mail.run.faults import line_of

GROUPS: Mapping[str, Callable[[Patient], Iterator[Finding]]] = {
    "settings": settings.examine,
    "keys": keys.examine,
    "store": store.examine,
    "smtp": smtp.examine,
    "relay": relay.examine,
    "dns": mail_domain.examine,
    "partners": partners.examine,
}
"""In the order of an examination."""
ONLY_ASKED = {"imap": mailboxes.examine}
"""Changes something (it puts a mail into a mailbox, and takes it out again): only when named."""


def groups_named(names: Sequence[str]) -> Sequence[str]:
    """The names, each known. Raises BadParameter."""
    known = (*GROUPS, *ONLY_ASKED)
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"there is no group {name}: use {', '.join(known)}")
    return names


def examine(patient: Patient, groups: Sequence[str] = ()) -> Iterator[Finding]:
    """Every group that concerns the patient's roles, or those that are named."""
    known = {**GROUPS, **ONLY_ASKED}
    names = groups or [name for name in GROUPS if name != "smtp" or "smtp" in patient.roles]
    for name in names:
        try:
            yield from known[name](patient)
        except SafetyError as error:
            yield Found(name).fail("examination", error.fault, error.remedy)
        except Exception as error:  # noqa: BLE001 - what could not be looked at is told, not hidden
            yield Found(name).unknown("examination", line_of(error))

    if not groups and "imap" in patient.roles:
        yield Found("imap").unknown("mailboxes", "not looked at", "Run secure-mail doctor imap")
