"""`secure-mail staff`: accounts and their grants; a supervisor confirms what is given here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from secure_mail.application.ports.store import ConflictError
from secure_mail.domain.access import QueueGrant, Role, StaffMember
from secure_mail.interfaces.cli import typed
from secure_mail.interfaces.cli.output import document, instant, say, table
from secure_mail.interfaces.cli.tools import AsJson, tools_of

app = typer.Typer(no_args_is_help=True, help="Staff accounts.")
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The address they sign in with.")]
Name = Annotated[str, typer.Option("--name", help="As colleagues see it.")]
GivenRole = Annotated[Role, typer.Option("--role", help="What they may do in the queues.")]
Queue = Annotated[list[str], typer.Option("--queue", help="A queue; repeat for more.")]


@app.command()
def init(
    context: typer.Context,
    email: Email,
    name: Name,
    queue: Annotated[
        list[str] | None, typer.Option("--queue", help="A queue; without it, all of them.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Makes the first supervisor and prints the one-time address for setting up the account."""
    tools, parsed = tools_of(context), str(typed.address(email))
    with tools.operator() as operator:
        book = operator.rules.in_force()
        queues = typed.queues(queue or tuple(book.queues), book)
        site = tools.staff_site()
        try:
            invitation = operator.staff.init(parsed, name, queues)
        except ConflictError:
            raise typer.BadParameter("there are staff already: use `staff add`") from None
    _tell(site, invitation.token, invitation.member, as_json=as_json)


@app.command()
def add(
    context: typer.Context,
    email: Email,
    name: Name,
    role: GivenRole,
    queue: Queue,
    as_json: AsJson = False,
) -> None:
    """Makes an account and prints its one-time address; the grants wait for a supervisor."""
    tools, parsed = tools_of(context), str(typed.address(email))
    with tools.operator() as operator:
        queues = typed.queues(queue, operator.rules.in_force())
        site = tools.staff_site()
        try:
            invitation = operator.staff.add(parsed, name, role, queues)
        except ConflictError:
            raise typer.BadParameter("there is an account with this address already") from None
    _tell(site, invitation.token, invitation.member, as_json=as_json)


@app.command("list")
def list_staff(context: typer.Context, as_json: AsJson = False) -> None:
    """Lists every account with its grants."""
    with tools_of(context).operator() as operator:
        staff = operator.staff.all()
    if as_json:
        document({"staff": [_described(member, grants) for member, grants in staff]})
        return
    table(
        ("email", "name", "state", "role", "queue", "grant"),
        (row for member, grants in staff for row in _rows(member, grants)),
    )


@app.command()
def disable(context: typer.Context, email: Email) -> None:
    """Ends an account and its sessions at once."""
    with tools_of(context).operator() as operator:
        operator.staff.disable(str(typed.address(email)))
    say("Disabled. Their sessions are ended.")


@app.command()
def grant(context: typer.Context, email: Email, role: GivenRole, queue: Queue) -> None:
    """Gives a role in further queues; it counts when a supervisor has confirmed it."""
    with tools_of(context).operator() as operator:
        queues = typed.queues(queue, operator.rules.in_force())
        operator.staff.grant(str(typed.address(email)), role, queues)
    say("Granted. A supervisor must confirm it on the staff page.")


@app.command()
def reset(context: typer.Context, email: Email, as_json: AsJson = False) -> None:
    """Ends password, code and sessions, and prints a new one-time address.

    The account works again when it is set up anew and a supervisor has confirmed the reset.
    """
    tools = tools_of(context)
    with tools.operator() as operator:
        site = tools.staff_site()
        invitation = operator.staff.reset(str(typed.address(email)))
    _tell(site, invitation.token, invitation.member, as_json=as_json)


def _tell(site: str, token: str, member: StaffMember, *, as_json: bool) -> None:
    address, until = f"{site}/staff/set-up/{token}", instant(member.setup_until)
    if as_json:
        document({"id": str(member.id), "address": address, "until": until})
        return
    say(f"Hand this one-time address over in person; it works until {until}:")
    say(address)


def _rows(member: StaffMember, grants: Sequence[QueueGrant]) -> Iterator[tuple[str, ...]]:
    """A row per grant; a member without any has one as well."""
    account = (member.email, member.name, member.state.value)
    for given in grants:
        yield (*account, given.role.value, given.queue, given.state.value)
    if not grants:
        yield account


def _described(member: StaffMember, grants: Sequence[QueueGrant]) -> dict[str, object]:
    return {
        "id": str(member.id),
        "email": member.email,
        "name": member.name,
        "state": member.state.value,
        "grants": [
            {"role": given.role.value, "queue": given.queue, "state": given.state.value}
            for given in grants
        ],
    }
