"""`queues`, `cases`, `messages`: ids, states and counts; never content, never an address."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from secure_mail.application.ports.store_casework import CaseQuery
from secure_mail.application.ports.store_intake import MessageLine
from secure_mail.domain.cases import Case, CaseEvent, CaseState
from secure_mail.domain.ids import CaseId, MessageId
from secure_mail.domain.messages import Message, MessageState
from secure_mail.interfaces.cli import typed
from secure_mail.interfaces.cli.output import document, facts, instant, remark, table
from secure_mail.interfaces.cli.tools import AsJson, tools_of

PROCESSING = "processing"
MESSAGE_STATES = (*(state.value for state in MessageState), PROCESSING)

queues = typer.Typer(no_args_is_help=True, help="Queues.")
cases = typer.Typer(no_args_is_help=True, help="Cases.")
messages = typer.Typer(no_args_is_help=True, help="Messages.")

Queue = Annotated[str | None, typer.Option("--queue", help="Of this queue only.")]
Since = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="Received at or after it (ISO 8601).")
]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many at most.")]
After = Annotated[
    str | None, typer.Option("--after", metavar="NEXT", help="Goes on after an earlier listing.")
]


@queues.command("list")
def list_queues(context: typer.Context, as_json: AsJson = False) -> None:
    """Counts the cases of every queue that are not closed."""
    with tools_of(context).operator() as operator:
        counts = operator.count_queues()
    rows = [
        {"name": name, "open": count.open, "overdue": count.overdue, "new": count.new}
        for name, count in counts.items()
    ]
    _tell("queues", rows, None, as_json=as_json)


@cases.command("list")
def list_cases(
    context: typer.Context,
    queue: Queue = None,
    state: Annotated[CaseState | None, typer.Option("--state")] = None,
    since: Since = None,
    limit: Limit = 1000,
    after: After = None,
    as_json: AsJson = False,
) -> None:
    """Lists cases, the oldest arrival first."""
    with tools_of(context).operator() as operator:
        book = operator.rules.in_force()
        query = CaseQuery(
            queues=typed.queues((queue,) if queue else tuple(book.queues), book),
            states=(state,) if state else tuple(CaseState),
            by_received=True,
            received_from=typed.moment(since, book.timezone) if since else None,
            limit=limit,
            after=_after_case(after) if after else None,
        )
        page = operator.list_cases(query)
    following = f"{page.next[0].isoformat()}/{page.next[1]}" if page.next else None
    _tell("cases", [_case(case) for case in page.cases], following, as_json=as_json)


@cases.command("show")
def show_case(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="REF", help="Of the case or a message.")],
    as_json: AsJson = False,
) -> None:
    """Shows how a case came to its queue, and what happened to it since."""
    wanted = typed.reference(reference)
    with tools_of(context).operator() as operator:
        record = operator.show_case(wanted)
    shown = {
        **_case(record.case),
        "due_at": instant(record.case.due_at),
        "rule": record.case.rule,
        "rules_hash": record.case.rules_hash,
    }
    trace = _trace(record.messages[0]) if record.messages else []
    events = [_event(event) for event in record.events]
    if as_json:
        document({**shown, "trace": trace, "events": events})
        return
    facts(shown)
    table(
        ("at", "event", "by", "facts"),
        ((row["at"], row["kind"], row["actor"], json.dumps(row["facts"])) for row in events),
    )


@messages.command("list")
def list_messages(
    context: typer.Context,
    state: Annotated[
        str | None, typer.Option("--state", help=f"One of {', '.join(MESSAGE_STATES)}.")
    ] = None,
    queue: Queue = None,
    since: Since = None,
    limit: Limit = 1000,
    after: After = None,
    as_json: AsJson = False,
) -> None:
    """Lists messages, the oldest first."""
    if state is not None and state not in MESSAGE_STATES:
        raise typer.BadParameter(f"there is no state {state}: use {', '.join(MESSAGE_STATES)}")
    last = MessageId(_id(after)) if after else None
    with tools_of(context).operator() as operator:
        book = operator.rules.in_force()
        found = operator.list_messages(
            state=state,
            queue=typed.queues((queue,), book)[0] if queue else None,
            since=typed.moment(since, book.timezone) if since else None,
            limit=limit + 1,
            after=last,
        )
    lines = [_message(line) for line in found[:limit]]
    following = str(found[limit - 1].message.id) if len(found) > limit else None
    _tell("messages", lines, following, as_json=as_json)


def _case(case: Case) -> dict[str, object]:
    return {
        "reference": str(case.reference),
        "queue": case.queue,
        "state": case.state.value,
        "mailbox": case.mailbox,
        "channel": case.channel,
        "assurance": case.assurance.value,
        "received_at": instant(case.received_at),
        "messages": case.messages,
    }


def _event(event: CaseEvent) -> dict[str, object]:
    return {
        "at": instant(event.at),
        "kind": event.kind.value,
        "actor": event.actor,
        "facts": event.facts,
    }


def _trace(message: Message) -> list[object]:
    return list(json.loads(message.trace)) if message.trace else []


def _message(line: MessageLine) -> dict[str, object]:
    message = line.message
    claimed = line.claimed and message.state is MessageState.ACCEPTED
    return {
        "id": str(message.id),
        "number": line.number,
        "reference": str(message.reference),
        "state": PROCESSING if claimed else message.state.value,
        "mailbox": message.mailbox,
        "channel": message.channel.value,
        "case": str(line.case) if line.case else None,
        "queue": line.queue,
        "reason": message.reason,
        "received_at": instant(message.received_at),
    }


def _after_case(text: str) -> tuple[datetime, CaseId]:
    moment, _, case = text.partition("/")
    return typed.moment(moment, "UTC"), CaseId(_id(case))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise typer.BadParameter("--after must be the `next` of an earlier listing") from None


def _tell(
    name: str, rows: list[dict[str, object]], following: str | None, *, as_json: bool
) -> None:
    if as_json:
        document({name: rows} | ({"next": following} if following else {}))
        return
    columns = list(rows[0]) if rows else []
    table(columns, (list(row.values()) for row in rows))
    if following:
        remark(f"There is more: add --after {following}")
