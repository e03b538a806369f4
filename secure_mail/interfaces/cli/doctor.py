"""`secure-mail doctor`: what holds, what does not, and what to do about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from secure_mail.domain.examination import State
from secure_mail.interfaces.cli.output import document, remark, table
from secure_mail.interfaces.cli.tools import AsJson, tools_of


def doctor(
    context: typer.Context,
    group: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="GROUP",
            help="settings, keys, store, smtp, relay, dns, partners or imap; without it, all but "
            "imap, which puts a forged mail beside what was put away, and takes it out again.",
        ),
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--role",
            metavar="ROLE",
            help="As for serve: the roles of this machine or container; without it, all that are "
            "configured.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Examines the deployment. Ends with 1 when a promise of the service does not hold."""
    tools = tools_of(context)
    findings = list(tools.doctor(group or (), role or ()))
    if as_json:
        document({"findings": [asdict(found) for found in findings]})
    else:
        table(
            ("", "group", "check", "found", "to do"),
            (
                (found.state.value, found.group, found.name, found.what, found.remedy)
                for found in findings
            ),
        )
    counts = Counter(found.state for found in findings)
    remark(", ".join(f"{counts[state]} {state.value}" for state in State))
    if counts[State.FAIL]:
        raise typer.Exit(1)
