"""The console script: mounts the command groups, hands them their tools, tells faults in a line.

Ends with 0 when done, 1 when a check failed, 2 for wrong usage or settings.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from secure_mail import __version__
from secure_mail.interfaces.cli import keys, ledger, listings, notices, partners, rules, staff
from secure_mail.interfaces.cli.doctor import doctor
from secure_mail.interfaces.cli.ingest import ingest
from secure_mail.interfaces.cli.relay_maps import relay_maps
from secure_mail.run import commands
from secure_mail.run.faults import line_of
from secure_mail.run.tools import tools_for

PROGRAM = "secure-mail"
USAGE = 2


def _version(value: bool) -> None:
    if value:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


def _root(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """A secure mail channel between a public body and people with no other electronic way in."""


def build() -> typer.Typer:
    """Every command there is."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, callback=_root)
    for command in (commands.serve, commands.demo, commands.migrate, commands.health, ingest):
        app.command()(command)
    app.command()(relay_maps)
    app.command()(doctor)
    for name, group in {
        "rules": rules.app,
        "partners": partners.app,
        "staff": staff.app,
        "keys": keys.app,
        "queues": listings.queues,
        "cases": listings.cases,
        "messages": listings.messages,
        "ledger": ledger.app,
        "notices": notices.app,
    }.items():
        app.add_typer(group, name=name)
    return app


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Runs one command and returns its exit code."""
    command = typer.main.get_command(build())
    try:
        code: object = command.main(
            list(arguments),
            prog_name=PROGRAM,
            standalone_mode=False,
            obj=tools_for(os.environ),
        )
    except typer.TyperException as wrong:
        _tell(_usage(wrong))
        return USAGE
    except Exception as error:  # noqa: BLE001 - the last line: no traceback reaches an operator
        _tell(line_of(error))
        return USAGE
    return code if isinstance(code, int) else 0


def _usage(wrong: typer.TyperException) -> str:
    """The fault, and whose help says more; nothing when the help is the answer."""
    message = wrong.format_message()
    for noise in ("Invalid value: ", "Value error, "):
        message = message.replace(noise, "")
    path = getattr(getattr(wrong, "ctx", None), "command_path", None)
    return f"{message.rstrip('.')}. See {path} --help." if message and path else message


def _tell(line: str) -> None:
    if line:
        sys.stderr.write(f"{PROGRAM}: {line}\n")
