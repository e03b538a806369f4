"""`secure-mail rules`: whether a rules file may be used, and what its own tests say."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from secure_mail.interfaces.cli.output import document, remark, say, table
from secure_mail.interfaces.cli.tools import AsJson, tools_of

app = typer.Typer(no_args_is_help=True, help="The rules file.")
File = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILE]", exists=True, dir_okay=False, help="Without it, the one RULES names."
    ),
]


@app.command()
def check(context: typer.Context, file: File = None, as_json: AsJson = False) -> None:
    """Loads a rules file as the service would. Ends with 1 and a line for each fault."""
    report = tools_of(context).rules.examine(file)
    if as_json:
        document({"file": report.name, "hash": report.hash, "faults": list(report.faults)})
    elif not report.faults:
        say(f"{report.name} is sound. Its hash is {report.hash}.")
    _end(report.faults)


@app.command("test")
def run_tests(context: typer.Context, file: File = None, as_json: AsJson = False) -> None:
    """Runs the tests that stand in a rules file. Ends with 1 when one fails."""
    report = tools_of(context).rules.examine(file)
    passed = sum(not trial.faults for trial in report.trials)
    if as_json:
        document({
            "file": report.name,
            "passed": passed,
            "tests": [asdict(trial) for trial in report.trials],
            "faults": list(report.faults),
        })  # fmt: skip
    else:
        table(
            ("line", "result", "test"),
            ((t.line, "failed" if t.faults else "passed", t.name) for t in report.trials),
        )
        say(f"{passed} of {len(report.trials)} tests passed.")
    _end(report.faults)


@app.command()
def schema(context: typer.Context) -> None:
    """Prints the JSON Schema of rules files, for editors."""
    say(tools_of(context).rules.schema())


def _end(faults: tuple[str, ...]) -> None:
    for fault in faults:
        remark(fault)
    if faults:
        raise typer.Exit(1)
