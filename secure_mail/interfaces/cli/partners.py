"""`secure-mail partners`: whose mail is believed, and what must hold for it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from secure_mail.application.ports.store import ConflictError
from secure_mail.domain.partners import Check, NewPartner, PartnerOrganisation
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.cli import typed
from secure_mail.interfaces.cli.output import document, facts, say, table
from secure_mail.interfaces.cli.partners_csv import read_partners
from secure_mail.interfaces.cli.tools import AsJson, tools_of

OPERATOR = "operator"
SHOWN = ("id", "name", "domains", "require", "networks", "exclusive", "until", "state")

app = typer.Typer(no_args_is_help=True, help="Partner organisations.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The organisation's name.")]


def described(partner: PartnerOrganisation) -> dict[str, object]:
    """A partner as listings show it: of its addresses, none."""
    return {
        "id": str(partner.id),
        "name": partner.name,
        "domains": list(partner.domains),
        "require": [Check.TLS.value, *(check.value for check in partner.require)],
        "networks": list(partner.networks),
        "exclusive": partner.exclusive,
        "until": partner.until.isoformat() if partner.until else None,
        "state": partner.state.value,
    }


@app.command()
def add(  # noqa: PLR0913, PLR0917  an option each
    context: typer.Context,
    name: Name,
    domain: Annotated[list[str], typer.Option(help="A mail domain of it; repeat for more.")],
    require: Annotated[list[str], typer.Option(metavar="CHECK", help=f"{', '.join(Check)}.")],
    address: Annotated[
        list[str] | None, typer.Option(help="Only this address of its domains; repeat for more.")
    ] = None,
    network: Annotated[
        list[str] | None, typer.Option(metavar="CIDR", help="Where its servers send from.")
    ] = None,
    exclusive: Annotated[
        bool, typer.Option("--exclusive", help="Nobody else sends from these networks.")
    ] = False,
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE.pem", help="Not available yet.")
    ] = None,
    allow_spf: Annotated[bool, typer.Option("--allow-spf", help="Not available yet.")] = False,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of the agreement.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Registers an organisation: from now on its mail is believed when every check holds."""
    if certificate is not None:
        raise typer.BadParameter("--certificate is not available yet: use --require network")
    if allow_spf:
        raise typer.BadParameter("--allow-spf is not available yet: use --require network")
    new = NewPartner(
        name=name,
        domains=tuple(typed.domain(text) for text in domain),
        addresses=tuple(typed.address(text) for text in address or ()),
        require=tuple(typed.check(text) for text in require),
        networks=tuple(typed.network(text) for text in network or ()),
        exclusive=exclusive,
        until=until.date() if until else None,
    )
    with tools_of(context).operator() as operator:
        try:
            partner = operator.add_partner(new, OPERATOR)
        except ConflictError:
            raise typer.BadParameter(f"there is a partner {name!r} already") from None
    if as_json:
        document(described(partner))
    else:
        say(f"Registered {name}. Its mail is taken at the door from now on.")


@app.command("list")
def list_partners(context: typer.Context, as_json: AsJson = False) -> None:
    """Lists all partners, by name."""
    with tools_of(context).operator() as operator:
        partners = [described(partner) for partner in operator.list_partners()]
    if as_json:
        document({"partners": partners})
    else:
        table(SHOWN[1:], ([partner[key] for key in SHOWN[1:]] for partner in partners))


@app.command()
def show(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Shows one partner, with the addresses that it is limited to."""
    with tools_of(context).operator() as operator:
        partner = next((known for known in operator.list_partners() if known.name == name), None)
    if partner is None:
        raise Refusal(RefusalCode.NOT_FOUND)
    shown = {**described(partner), "addresses": list(partner.addresses)}
    if as_json:
        document(shown)
    else:
        facts(shown)


@app.command()
def suspend(context: typer.Context, name: Name) -> None:
    """Refuses a partner's mail at the door, from now on."""
    with tools_of(context).operator() as operator:
        operator.suspend_partner(name, OPERATOR)
    say(f"Suspended {name}.")


@app.command("import")
def import_partners(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="CSV", exists=True, dir_okay=False, help="See `columns`.")
    ],
) -> None:
    """Registers the organisations of a CSV file: all of them, or none when one is at fault.

    Its columns: name, domains, require, networks, exclusive (yes or no), addresses, until. Several
    values of one column stand between blanks; the last four columns may be absent.
    """
    partners = read_partners(file)
    with tools_of(context).operator() as operator:
        try:
            operator.add_partner.together(partners, OPERATOR)
        except ConflictError:
            raise typer.BadParameter(
                f"{file}: a name stands there twice or is registered already; none was added"
            ) from None
    say(f"Registered {len(partners)} partners.")
