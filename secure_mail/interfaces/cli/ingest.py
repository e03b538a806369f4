"""`secure-mail ingest`: mail that lies in files, through the gate like any other."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import Mailbox
from secure_mail.domain.messages import Channel, Envelope
from secure_mail.interfaces.cli.letters import Letters, messages_in
from secure_mail.interfaces.cli.output import document, remark, say
from secure_mail.interfaces.cli.tools import AsJson, tools_of

if TYPE_CHECKING:
    from secure_mail.application.apps import MailApp
    from secure_mail.application.intake.gate import Gate


def ingest(
    context: typer.Context,
    source: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.eml|MBOX|MAILDIR",
            exists=True,
            readable=False,
            help="One message, an mbox (it begins `From `) or a maildir.",
        ),
    ],
    mailbox: Annotated[str, typer.Option(metavar="NAME", help="A mailbox of the rules file.")],
    as_json: AsJson = False,
) -> None:
    """Takes messages in from files. What a door would refuse is held for a person to decide.

    What was taken in before from the same place is known again. Ends with 1 when a file could not
    be read; the others are in all the same.
    """
    letters = Letters.at(source)
    with tools_of(context).mail() as app, _progress(letters.octets) as advance:
        taking = Ingesting(app.gate, _envelope(app, source, mailbox), advance)
        asyncio.run(taking.all(letters.files))
    counts = {
        "accepted": taking.accepted,
        "duplicates": taking.duplicates,
        "unreadable": len(taking.unreadable),
    }
    if as_json:
        document(counts)
    else:
        say(", ".join(f"{count} {name}" for name, count in counts.items()) + ".")
    for line in taking.unreadable:
        remark(line)
    if taking.unreadable:
        raise typer.Exit(1)


class Ingesting:
    """Takes one file after another, so that ledger numbers follow their order."""

    def __init__(self, gate: Gate, envelope: Envelope, advance: Callable[[int], None]) -> None:
        self._gate = gate
        self._envelope = envelope
        self._advance = advance
        self.accepted = 0
        self.duplicates = 0
        self.unreadable: list[str] = []

    async def all(self, files: Iterable[Path]) -> None:
        """Raises Refusal when the store takes nothing."""
        for file in files:
            await self._file(file)

    async def _file(self, path: Path) -> None:
        try:
            with path.open("rb") as opened:
                for message in messages_in(opened):
                    await self._message(message)
        except OSError as failure:
            why = os.strerror(failure.errno) if failure.errno else type(failure).__name__
            self.unreadable.append(f"{path}: cannot be read: {why}")

    async def _message(self, chunks: Iterator[bytes]) -> None:
        receiving = self._gate.begin(self._envelope)
        try:
            for chunk in chunks:
                await receiving.write(chunk)
                self._advance(len(chunk))
        except BaseException:
            receiving.abort()
            raise
        evidence = Evidence(header_from=receiving.headers().from_addresses)
        (accepted,) = await receiving.accept(evidence)
        if accepted.duplicate:
            self.duplicates += 1
        else:
            self.accepted += 1


def _envelope(app: MailApp, source: Path, mailbox: str) -> Envelope:
    book = app.rules.in_force()
    box = book.mailbox(mailbox)
    if box is None:
        known = ", ".join(sorted(book.mailboxes))
        raise typer.BadParameter(f"there is no mailbox {mailbox}: use one of {known}")
    return Envelope(
        channel=Channel.IMPORT,
        mailboxes=(Mailbox(box.name),),
        sender=None,
        scope=f"{Channel.IMPORT} {source.resolve()}",
    )


@contextmanager
def _progress(octets: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr when that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("ingest", total=octets)
        yield lambda count: progress.advance(task, count)
