"""Keys: who can read them, where they lie, and whether they are those that the pin means."""

from __future__ import annotations

from collections.abc import Iterator

from secure_mail.application.ports.safety import SafetyError
from secure_mail.domain.examination import Finding, Found
from secure_mail.infrastructure.vault.key_files import path_of, readable_foreign_keys
from secure_mail.infrastructure.vault.private_files import read_private, refuse_open_folder
from secure_mail.infrastructure.vault.public_keys import read_public
from secure_mail.infrastructure.vault.roles import KeyRole
from secure_mail.infrastructure.vault.wrapping import wrapping_keys_beside
from secure_mail.run.doctor.patient import Patient
from secure_mail.settings import configured_roles

found = Found("keys")


def examine(patient: Patient) -> Iterator[Finding]:
    """No private key is opened for it."""
    yield _folder(patient)
    yield _place(patient)
    yield _public(patient)
    for role in patient.roles:
        yield _file(patient, KeyRole(role))
    yield from _wrapping(patient)
    yield _root(patient)
    if set(patient.roles) < set(configured_roles(patient.settings)):
        yield _foreign(patient)


def _folder(patient: Patient) -> Finding:
    try:
        refuse_open_folder(patient.settings.key_dir)
    except SafetyError as error:
        return found.fail("key folder", error.fault, error.remedy)
    return found.ok("key folder", "nobody else may write there")


def _place(patient: Patient) -> Finding:
    keys, data = patient.settings.key_dir.resolve(), patient.settings.data_dir.resolve()
    if not keys.is_relative_to(data):
        return found.ok("keys apart from data", f"{keys} is not in the data folder")
    what = "the key folder lies in the data folder: each copy of the data is one of the keys"
    remedy = "Move it, and name it in SECURE_MAIL_KEY_DIR"
    state = found.warn if patient.settings.demo else found.fail
    return state("keys apart from data", what, remedy)


def _public(patient: Patient) -> Finding:
    try:
        public = read_public(patient.settings.key_dir, patient.settings.key_pin)
    except SafetyError as error:
        return found.fail("public keys", error.fault, error.remedy)
    return found.ok("public keys", f"{len(public.keys)}, each signed by the pinned root")


def _file(patient: Patient, role: KeyRole) -> Finding:
    name, path = f"key file of {role}", path_of(patient.settings.key_dir, role)
    try:
        read_private(path)
        patient.parts.wrapping.of(role)
    except SafetyError as error:
        return found.fail(name, error.fault, error.remedy)
    return found.ok(name, "for this user alone, and its wrapping key is there")


def _wrapping(patient: Patient) -> Iterator[Finding]:
    beside = wrapping_keys_beside(patient.settings.key_dir)
    if not beside:
        yield found.ok("wrapping keys apart", "none lies in the key folder")
        return
    yield found.warn(
        "wrapping keys apart",
        f"{', '.join(path.name for path in beside)} beside what they wrap: they protect nothing",
        "Move them away, one to each role (docs/how-to/keys.md)",
    )


def _root(patient: Patient) -> Finding:
    if not path_of(patient.settings.key_dir, KeyRole.ROOT).exists():
        return found.ok("root key away", "it is not on this machine's key folder")
    return found.warn(
        "root key away",
        "root.key lies in the key folder: who takes it can vouch for keys of their own",
        "Take it off this machine; only new keys need it",
    )


def _foreign(patient: Patient) -> Finding:
    own = [KeyRole(role) for role in patient.roles]
    readable = [
        role
        for role in readable_foreign_keys(patient.settings.key_dir, own)
        if role is not KeyRole.ROOT
    ]
    if not readable:
        return found.ok("keys of other roles", "this user can read none")
    return found.fail(
        "keys of other roles",
        f"this user can read those of {', '.join(readable)}",
        "Give each role a user and a key folder of its own",
    )
