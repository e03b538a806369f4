"""What the commands are handed: the composition root's acts, each loading what it needs when asked.

A command may be run beside the service, on the same data folder, with the same settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from secure_mail.interfaces.cli.tools import (
    KeyLine,
    KnownKeys,
    MadeKeys,
    RelayFacts,
    RulesReport,
    Tools,
    Trial,
)
from secure_mail.run.demo_folder import effective_settings
from secure_mail.run.lock import alone

if TYPE_CHECKING:
    from secure_mail.application.apps import MailApp, OperatorApp
    from secure_mail.bootstrap.parts import Parts
    from secure_mail.domain.examination import Finding
    from secure_mail.domain.sealing import KeyName
    from secure_mail.settings import Role, Settings


def tools_for(environment: Mapping[str, str]) -> Tools:
    """The tools over the settings that the environment says; read when first needed."""
    given = Given(environment)
    return Tools(
        operator=given.operator,
        mail=given.mail,
        now=lambda: datetime.now(UTC),
        staff_site=given.staff_site,
        keys=KeyFolder(given),
        rules=PolicyFile(given),
        relay=lambda: relay_facts(given.settings),
        doctor=given.examined,
    )


@dataclass(frozen=True)
class Given:
    environment: Mapping[str, str]

    @cached_property
    def settings(self) -> Settings:
        """Raises SettingsError."""
        return effective_settings(self.environment)

    @contextmanager
    def operator(self) -> Iterator[OperatorApp]:
        """Needs the database only, no key."""
        from secure_mail.bootstrap.upkeep import operator_app

        with self.parts() as parts:
            yield operator_app(parts)

    @contextmanager
    def mail(self) -> Iterator[MailApp]:
        """Needs the keys of role smtp: public ones, and what tells duplicates."""
        from secure_mail.bootstrap.public import mail_app

        with self.parts("smtp") as parts:
            yield mail_app(parts)

    @contextmanager
    def parts(self, *roles: Role) -> Iterator[Parts]:
        """Raises SafetyError before anything is opened half."""
        from secure_mail.bootstrap.parts import Parts
        from secure_mail.bootstrap.safety import refuse_plain_peers
        from secure_mail.run.logs import configure_logs

        configure_logs(self.settings.log_format)
        refuse_plain_peers(self.settings)
        _refuse_absent(self.settings)
        parts = Parts(self.settings, roles)
        try:
            parts.check_store()
            yield parts
        finally:
            parts.close()

    def examined(self, groups: Sequence[str], roles: Sequence[str]) -> Iterator[Finding]:
        """Raises BadParameter for a name that is none."""
        from secure_mail.run.commands import roles_named
        from secure_mail.run.doctor.examine import examine, groups_named
        from secure_mail.run.doctor.patient import Patient
        from secure_mail.run.logs import configure_logs

        configure_logs(self.settings.log_format)
        patient = Patient(
            settings=self.settings,
            roles=roles_named(roles, self.settings),
            now=datetime.now(UTC),
        )
        try:
            yield from examine(patient, groups_named(groups))
        finally:
            patient.close()

    def staff_site(self) -> str:
        from secure_mail.application.ports.safety import SafetyError

        if not self.settings.staff_base_url:
            raise SafetyError(
                "the address of the staff pages is not known",
                "SECURE_MAIL_STAFF_BASE_URL",
                "Set it to https://HOST, as for serve",
            )
        return self.settings.staff_base_url.rstrip("/")

    def rules_file(self, file: Path | None = None) -> Path:
        """The named file, or the one that RULES names."""
        from secure_mail.bootstrap.data import data_path

        return file or self.settings.rules or data_path("routing_rules.yaml")


@dataclass(frozen=True)
class KeyFolder:
    """The keys in KEY_DIR."""

    given: Given

    def make(self) -> MadeKeys:
        from secure_mail.infrastructure.vault.key_making import init_keys

        settings = self.given.settings
        with alone(settings.data_dir):
            made = init_keys(settings.key_dir, self._named(), demo=settings.demo)
        return MadeKeys(pin=made.pin, move_away=made.wrapping_files)

    def add(self) -> tuple[str, ...]:
        from secure_mail.bootstrap.parts import Parts
        from secure_mail.infrastructure.vault.key_making import add_queue_keys, add_role_files

        settings = self.given.settings
        with alone(settings.data_dir):
            wrapping = Parts(settings, ()).wrapping
            roles = add_role_files(settings.key_dir, settings.key_pin, wrapping)
            queues = add_queue_keys(settings.key_dir, settings.key_pin, self._named(), wrapping)
            return (*roles, *queues)

    def known(self) -> KnownKeys:
        from secure_mail.infrastructure.vault.public_keys import read_public
        from secure_mail.infrastructure.vault.wrapping import wrapping_keys_beside

        settings = self.given.settings
        public = read_public(settings.key_dir, settings.key_pin)
        return KnownKeys(
            deployment=str(public.deployment),
            keys=tuple(
                KeyLine(
                    name=key.name,
                    kind=key.kind.value,
                    version=key.version,
                    fingerprint=key.fingerprint,
                )
                for key in public.keys
            ),
            # The demo keeps them where they are.
            move_away=() if settings.demo else wrapping_keys_beside(settings.key_dir),
        )

    def _named(self) -> tuple[KeyName, ...]:
        """The key pairs that the rules file names."""
        from secure_mail.domain.sealing import queue_key
        from secure_mail.infrastructure.rules.loader import load

        path = self.given.rules_file()
        names = load(path.read_bytes(), str(path)).book.key_names()
        return tuple(queue_key(name) for name in sorted(names))


@dataclass(frozen=True)
class PolicyFile:
    """A rules file, examined beside the service."""

    given: Given

    def examine(self, file: Path | None) -> RulesReport:
        from secure_mail.infrastructure.rules.findings import InvalidRulesError
        from secure_mail.infrastructure.rules.loader import examine

        path = self.given.rules_file(file)
        name = str(path)
        try:
            loaded = examine(path.read_bytes(), name)
        except InvalidRulesError as invalid:
            return RulesReport(name=name, hash=None, faults=invalid.lines, trials=())
        return RulesReport(
            name=name,
            hash=loaded.book.hash,
            faults=tuple(f"{name}:{found.line}: {found.what}" for found in loaded.failures),
            trials=tuple(
                Trial(name=trial.name, line=trial.line, faults=trial.faults)
                for trial in loaded.trials
            ),
        )

    def schema(self) -> str:
        from secure_mail.infrastructure.rules.loader import json_schema

        return json_schema()


def relay_facts(settings: Settings) -> RelayFacts:
    """LMTP where it is on: each recipient gets a reply of its own there."""
    if settings.lmtp_bind.startswith("/"):
        next_hop = f"lmtp:unix:{settings.lmtp_bind}"
    elif settings.lmtp_bind:
        next_hop = f"lmtp:inet:{_bracketed(settings.lmtp_bind)}"
    else:
        next_hop = f"smtp:{_bracketed(settings.smtp_bind)}"
    return RelayFacts(
        next_hop=next_hop,
        certificate=urlsplit(settings.base_url).hostname or "localhost",
        authserv_id=settings.authserv_id,
    )


def _bracketed(bind: str) -> str:
    """An address, not a name with an MX; a listener on every address is reached on loopback."""
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    # Postfix writes an IPv6 address so.
    return f"[IPv6:{reached}]:{port}" if ":" in reached else f"[{reached}]:{port}"


def _refuse_absent(settings: Settings) -> None:
    """SQLite makes the file it is asked for: a mistyped folder would look like an empty service."""
    from secure_mail.application.ports.safety import SafetyError

    scheme, _, path = settings.database_url.get_secret_value().partition(":///")
    if scheme == "sqlite" and not Path(path).exists():
        raise SafetyError("there is no database", path, "Run secure-mail migrate")
