"""`secure-mail keys`: the keys of a deployment, made once and listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from secure_mail.interfaces.cli.output import document, remark, say, table
from secure_mail.interfaces.cli.tools import AsJson, tools_of

app = typer.Typer(no_args_is_help=True, help="Keys.")


@app.command()
def init(
    context: typer.Context,
    add: Annotated[
        bool, typer.Option("--add", help="Make only the key pairs that the rules file adds.")
    ] = False,
) -> None:
    """Makes the key file of every role, and prints the pin that every process must be given."""
    keys = tools_of(context).keys
    if add:
        added = keys.add()
        say(f"Made {', '.join(added)}." if added else "Nothing to add.")
        return
    made = keys.make()
    say(f"SECURE_MAIL_KEY_PIN={made.pin}")
    say("Set it for every process.")
    _warn(made.move_away, say)


@app.command("list")
def list_keys(context: typer.Context, as_json: AsJson = False) -> None:
    """Lists the public keys, each verified against the pin."""
    known = tools_of(context).keys.known()
    if as_json:
        document({"deployment": known.deployment, "keys": [asdict(key) for key in known.keys]})
    else:
        table(
            ("name", "kind", "version", "fingerprint"),
            ((key.name, key.kind, key.version, key.fingerprint) for key in known.keys),
        )
    _warn(known.move_away, remark)


def _warn(files: Sequence[Path], tell: Callable[[str], None]) -> None:
    """Wrapping keys protect nothing while they lie beside the key files."""
    if files:
        tell(f"Move these wrapping keys away from {files[0].parent}, one to each role:")
        for file in files:
            tell(f"  {file.name}")
