"""What a command is given: the use cases, and the few acts of the composition root it asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from secure_mail.domain.examination import Finding

if TYPE_CHECKING:
    # A hundred modules: loaded when a command opens them, so that `--help` is quick.
    from secure_mail.application.apps import MailApp, OperatorApp


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKeys:
    """What `keys init` made."""

    pin: str
    move_away: tuple[Path, ...]
    """Wrapping keys that lie beside what they protect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLine:
    name: str
    kind: str
    version: int
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKeys:
    """The verified public keys of the deployment."""

    deployment: str
    keys: tuple[KeyLine, ...]
    move_away: tuple[Path, ...]


class Keys(Protocol):
    """Each raises SafetyError."""

    def make(self) -> MadeKeys: ...
    def add(self) -> tuple[str, ...]:
        """Makes the key pairs that the rules file names and the deployment lacks."""
        ...

    def known(self) -> KnownKeys: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How one test of a rules file went."""

    name: str
    line: int
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesReport:
    """What a rules file is worth. `faults` are `file:line: what, what to do`; empty: it loads."""

    name: str
    hash: str | None
    faults: tuple[str, ...]
    trials: tuple[Trial, ...]


class RulesFile(Protocol):
    def examine(self, file: Path | None) -> RulesReport:
        """None: the file that RULES names. Raises OSError."""
        ...

    def schema(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayFacts:
    """What a relay in front must know besides the mailboxes."""

    next_hop: str
    """As Postfix writes it: `smtp:[HOST]:PORT`, `lmtp:inet:[HOST]:PORT` or `lmtp:unix:/PATH`."""
    certificate: str
    """The host name that the certificate of our SMTP door must show."""
    authserv_id: str
    """Whose Authentication-Results are the relay's own; empty when none are believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Filled by `run`; each field loads what it needs when it is called."""

    operator: Callable[[], AbstractContextManager[OperatorApp]]
    mail: Callable[[], AbstractContextManager[MailApp]]
    now: Callable[[], datetime]
    staff_site: Callable[[], str]
    """STAFF_BASE_URL without a slash at its end. Raises when it is not set."""
    keys: Keys
    rules: RulesFile
    relay: Callable[[], RelayFacts]
    """By the settings."""
    doctor: Callable[[Sequence[str], Sequence[str]], Iterable[Finding]]
    """Groups and roles; none: all. Raises BadParameter."""


def tools_of(context: typer.Context) -> Tools:
    """What `run` put into the context."""
    found = context.find_object(Tools)
    if found is None:
        msg = "the program was started without its tools"
        raise RuntimeError(msg)
    return found


AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
