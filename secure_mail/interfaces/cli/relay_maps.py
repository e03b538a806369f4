"""`secure-mail relay-maps`: what a Postfix in front must know, so that it takes nothing in vain."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from secure_mail.domain.bounces import bounce_pattern
from secure_mail.domain.routing.rulebook import RuleBook
from secure_mail.interfaces.cli.output import document, remark, say
from secure_mail.interfaces.cli.tools import AsJson, RelayFacts, tools_of

MODE = 0o644
"""Addresses that anybody may write to; Postfix reads its maps as several users."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayMaps:
    """The mailboxes of the rules in force, and the way to them."""

    domain: str
    recipients: tuple[str, ...]
    patterns: tuple[str, ...]
    """Regular expressions of further recipients: where our own mails come back to."""
    facts: RelayFacts

    @classmethod
    def of(cls, book: RuleBook, facts: RelayFacts) -> RelayMaps:
        """The address that our mails come from is not among them: nothing can be sent to it."""
        return cls(
            domain=book.domain,
            recipients=tuple(sorted(f"{name}@{book.domain}" for name in book.mailboxes)),
            patterns=(bounce_pattern(book.domain),),
            facts=facts,
        )

    def files(self) -> Mapping[str, str]:
        """File name to content; the same rules and settings give the same octets."""
        facts = self.facts
        mail_hop = facts.next_hop.removeprefix("smtp:")
        over_smtp = mail_hop != facts.next_hop
        own = re.escape(facts.authserv_id)
        return {
            "relay_domains": _lines(f"{self.domain} OK"),
            "relay_recipients": _lines(*(f"{address} OK" for address in self.recipients)),
            "relay_recipients.regexp": _lines(*(f"/{found}/ OK" for found in self.patterns)),
            "transport": _lines(f"{self.domain} {facts.next_hop}"),
            "tls_policy": _lines(
                *([f"{mail_hop} secure match={facts.certificate}"] if over_smtp else [])
            ),
            "header_checks": _lines(
                *([f"/^Authentication-Results:[^;]*{own}/ IGNORE"] if own else [])
            ),
        }


def relay_maps(
    context: typer.Context,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write the files there instead of printing them."),
    ] = None,
    next_hop: Annotated[
        str | None,
        typer.Option(
            metavar="TRANSPORT",
            help="The way to this service, as Postfix writes it, such as smtp:[127.0.0.1]:8025; "
            "without it, as LMTP_BIND or SMTP_BIND say.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Prints the maps of a Postfix in front: recipients, domain, transport, TLS policy."""
    tools = tools_of(context)
    facts = tools.relay()
    if next_hop is not None:
        facts = RelayFacts(
            next_hop=_transport(next_hop),
            certificate=facts.certificate,
            authserv_id=facts.authserv_id,
        )
    with tools.operator() as operator:
        maps = RelayMaps.of(operator.rules.in_force(), facts)
    files = maps.files()
    changed = write_changed(output, files) if output is not None else []
    if as_json:
        document(
            {
                "domain": maps.domain,
                "recipients": list(maps.recipients),
                "patterns": list(maps.patterns),
                "transport": facts.next_hop,
                "files": dict(files),
                "changed": changed,
            }
        )
    elif output is None:
        for name, text in files.items():
            say(f"# --- {name}\n{text}")
    if output is not None:
        told = ", ".join(changed)
        remark(f"wrote {told}: run `postfix reload`" if changed else "nothing has changed")


def write_changed(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Replaces what differs, each file in one step, and tells which. Raises OSError."""
    if not folder.is_dir():
        raise NotADirectoryError(20, os.strerror(20), str(folder))
    changed = [name for name, text in files.items() if not _stands(folder / name, text)]
    for name in changed:
        beside = folder / f".{name}.{os.getpid()}"
        try:
            with beside.open("w", encoding="utf-8") as file:
                file.write(files[name])
                file.flush()
                os.fchmod(file.fileno(), MODE)
                os.fsync(file.fileno())
            beside.replace(folder / name)
        finally:
            beside.unlink(missing_ok=True)
    return changed


def _stands(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except FileNotFoundError:
        return False


def _lines(*lines: str) -> str:
    return "".join(f"{line}\n" for line in ("# Made by secure-mail relay-maps.", *lines))


def _transport(text: str) -> str:
    """One word: a line of a map holds one next hop. Raises BadParameter."""
    if not re.fullmatch(r"(smtp|lmtp|relay):[!-~]+", text):
        raise typer.BadParameter("--next-hop must be such as smtp:[HOST]:PORT or lmtp:unix:/PATH")
    return text
