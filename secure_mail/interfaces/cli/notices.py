"""`secure-mail notices`: timed words on every public page, like "closed from … to …"."""

from __future__ import annotations

from typing import Annotated

import typer

from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.cli import typed
from secure_mail.interfaces.cli.output import document, instant, say, table
from secure_mail.interfaces.cli.tools import AsJson, tools_of

app = typer.Typer(no_args_is_help=True, help="Service notices.")
Text = Annotated[str, typer.Option(help="The words in this language.")]


@app.command()
def add(
    context: typer.Context,
    starts: Annotated[str, typer.Option("--from", metavar="TIME", help="First instant.")],
    ends: Annotated[str, typer.Option("--to", metavar="TIME", help="First instant without it.")],
    en: Text,
    fi: Text,
    sv: Text,
    as_json: AsJson = False,
) -> None:
    """Shows a notice from one time to another; times without an offset are local."""
    texts = {"en": en, "fi": fi, "sv": sv}
    if not all(text.strip() for text in texts.values()):
        raise typer.BadParameter("each of --en, --fi and --sv needs words")
    with tools_of(context).operator() as operator:
        zone = operator.rules.in_force().timezone
        starts_at, ends_at = typed.moment(starts, zone), typed.moment(ends, zone)
        if starts_at >= ends_at:
            raise typer.BadParameter("--to must be later than --from")
        number = operator.service_notices.add(starts_at, ends_at, texts)
    if as_json:
        document({"id": number})
    else:
        say(f"Notice {number} is shown from {instant(starts_at)} to {instant(ends_at)}.")


@app.command("list")
def list_notices(context: typer.Context, as_json: AsJson = False) -> None:
    """Lists every notice, those of the past too."""
    with tools_of(context).operator() as operator:
        notices = operator.service_notices.all()
    rows = [
        {"id": n.id, "from": instant(n.starts_at), "to": instant(n.ends_at), **n.text}
        for n in notices
    ]
    if as_json:
        document({"notices": rows})
    else:
        table(("id", "from", "to", "en", "fi", "sv"), (list(row.values()) for row in rows))


@app.command()
def remove(
    context: typer.Context, number: Annotated[int, typer.Argument(help="As listed.")]
) -> None:
    """Takes a notice away."""
    with tools_of(context).operator() as operator:
        if not operator.service_notices.remove(number):
            raise Refusal(RefusalCode.NOT_FOUND)
    say(f"Removed notice {number}.")
