"""`secure-mail ledger`: nothing that was accepted is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from secure_mail.interfaces.cli.output import document, facts, instant, remark
from secure_mail.interfaces.cli.tools import AsJson, tools_of

IN_PROGRESS_MINUTES = 60
"""Three attempts with their leases and pauses take a third of it; then a message is held."""

app = typer.Typer(no_args_is_help=True, help="The ledger of accepted messages.")


@app.callback()
def group() -> None:
    """The ledger of accepted messages."""


@app.command()
def verify(
    context: typer.Context,
    minutes: Annotated[
        int,
        typer.Option("--in-progress", min=1, metavar="MINUTES", help="How long one may take."),
    ] = IN_PROGRESS_MINUTES,
    as_json: AsJson = False,
) -> None:
    """Proves accepted = filed + held + refused + in progress. Ends with 1 at the first break."""
    tools = tools_of(context)
    with tools.operator() as operator:
        count, oldest = operator.verify_ledger()
    late = oldest is not None and tools.now() - oldest >= timedelta(minutes=minutes)
    found: dict[str, object] = {
        "accepted": count.accepted,
        "filed": count.filed,
        "held": count.held,
        "refused": count.refused,
        "in_progress": count.in_progress,
        "first_gap": count.first_gap,
        "oldest_in_progress": instant(oldest),
        "sound": count.balanced and not late,
    }
    if as_json:
        document(found)
    else:
        facts(found)
    if count.first_gap is not None:
        remark(f"number {count.first_gap} is missing from the ledger")
    elif not count.balanced:
        remark("the counts do not add up to what was accepted")
    elif late:
        remark(f"a message has been in progress since {instant(oldest)}: see that a worker runs")
    if not found["sound"]:
        raise typer.Exit(1)
