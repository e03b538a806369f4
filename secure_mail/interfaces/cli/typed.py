"""How commands read what was typed: each raises typer.BadParameter with what would do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_network
from zoneinfo import ZoneInfo

import typer

from secure_mail.domain.addresses import EmailAddress, InvalidAddressError
from secure_mail.domain.ids import QueueName, Reference
from secure_mail.domain.partners import Check
from secure_mail.domain.routing.rulebook import RuleBook


def address(text: str) -> EmailAddress:
    """An e-mail address."""
    try:
        return EmailAddress.parse(text)
    except InvalidAddressError:
        raise typer.BadParameter("it must be one e-mail address, like NAME@DOMAIN") from None


def domain(text: str) -> str:
    """A mail domain, in A-labels."""
    try:
        return EmailAddress.parse(f"postmaster@{text}").domain
    except InvalidAddressError:
        raise typer.BadParameter(f"{text!r} is no domain, like COURT.EXAMPLE") from None


def network(text: str) -> str:
    """A network in CIDR notation."""
    try:
        return str(ip_network(text))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no network, like 192.0.2.0/28") from None


def check(text: str) -> Check:
    """A check of partners."""
    try:
        return Check(text)
    except ValueError:
        raise typer.BadParameter(
            f"there is no check {text!r}: use one of {', '.join(Check)}"
        ) from None


def moment(text: str, zone: str) -> datetime:
    """A day or an instant in ISO 8601; without an offset in the deployment's time zone."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no time, like 2026-11-24 or 2026-11-24T16:00"
        ) from None
    return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone))


def reference(text: str) -> Reference:
    """The reference of a case or of a message that joined it."""
    found = Reference.parse(text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is no reference: see its letters and digits again")
    return found


def queues(names: Sequence[str], book: RuleBook) -> tuple[QueueName, ...]:
    """Queues of the rules file, each once."""
    for name in names:
        if book.queue(QueueName(name)) is None:
            known = ", ".join(sorted(queue.name for queue in book.queues.values()))
            raise typer.BadParameter(f"there is no queue {name}: use one of {known}")
    return tuple(dict.fromkeys(QueueName(name) for name in names))


def listed(text: str) -> tuple[str, ...]:
    """Words between blanks, commas or semicolons."""
    return tuple(word for word in re.split(r"[\s,;]+", text) if word)
