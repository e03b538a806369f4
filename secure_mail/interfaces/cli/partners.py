"""`secure-mail partners`: whose mail is believed, and what must hold for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from secure_mail.application.ports.store import ConflictError
from secure_mail.domain.partners import CertificateFile, Check, NewPartner
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.cli import typed
from secure_mail.interfaces.cli.output import document, facts, remark, say, table
from secure_mail.interfaces.cli.partners_csv import read_partners
from secure_mail.interfaces.cli.partners_shown import described, passport_of, shown_passport
from secure_mail.interfaces.cli.tools import AsJson, tools_of

if TYPE_CHECKING:
    from secure_mail.application.apps import OperatorApp

OPERATOR = "operator"
SHOWN = ("name", "domains", "require", "networks", "exclusive", "until", "state")

app = typer.Typer(no_args_is_help=True, help="Partner organisations.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The organisation's name.")]
PemFiles = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE.pem",
        exists=True,
        dir_okay=False,
        help="A certificate that it proves itself by; repeat for more.",
    ),
]


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
    certificate: PemFiles = None,
    signing_domain: Annotated[
        list[str] | None,
        typer.Option(metavar="D", help="Signs for it (DKIM d=) besides the author's own domain."),
    ] = None,
    allow_spf: Annotated[
        bool, typer.Option("--allow-spf", help="SPF alone makes the check dmarc hold.")
    ] = False,
    hourly: Annotated[
        int | None, typer.Option(min=1, help="Messages that it may send in an hour.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="First day of the agreement."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Last day of the agreement."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Registers an organisation: from now on its mail is believed when every check holds."""
    new = NewPartner(
        name=name,
        domains=tuple(typed.domain(text) for text in domain),
        addresses=tuple(typed.address(text) for text in address or ()),
        require=tuple(typed.check(text) for text in require),
        networks=tuple(typed.network(text) for text in network or ()),
        exclusive=exclusive,
        certificates=_read(certificate),
        signing_domains=tuple(typed.domain(text) for text in signing_domain or ()),
        allow_spf=allow_spf,
        hourly=hourly,
        since=_day(since),
        until=_day(until),
    )
    with tools_of(context).operator() as operator:
        try:
            partner = operator.add_partner(new, OPERATOR)
        except ConflictError:
            raise typer.BadParameter(f"there is a partner {name!r} already") from None
        _warn(operator, [name])
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
        table(SHOWN, ([partner[key] for key in SHOWN] for partner in partners))


@app.command()
def show(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Shows one partner: its addresses, and its passport: what held, what was missed, what ends."""
    with tools_of(context).operator() as operator:
        found = next((one for one in operator.passports() if one.partner.name == name), None)
    if found is None:
        raise Refusal(RefusalCode.NOT_FOUND)
    shown = {**described(found.partner), "addresses": list(found.partner.addresses)}
    if as_json:
        document({**shown, "passport": passport_of(found)})
        return
    facts({key: value for key, value in shown.items() if key != "certificates"})
    shown_passport(found)


@app.command()
def suspend(context: typer.Context, name: Name) -> None:
    """Refuses a partner's mail at the door, from now on."""
    with tools_of(context).operator() as operator:
        operator.suspend_partner(name, OPERATOR)
    say(f"Suspended {name}.")


@app.command()
def resume(context: typer.Context, name: Name) -> None:
    """Ends a suspension: the partner's mail is judged by its checks again."""
    with tools_of(context).operator() as operator:
        operator.resume_partner(name, OPERATOR)
    say(f"Resumed {name}.")


@app.command()
def renew(
    context: typer.Context,
    name: Name,
    certificate: PemFiles = None,
    drop: Annotated[
        list[str] | None,
        typer.Option(metavar="FINGERPRINT", help="A certificate that is to go, as `show` spells."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="New last day of the agreement."),
    ] = None,
) -> None:
    """Renews what runs out. A new certificate counts beside the old one, until that one ends."""
    if not (certificate or drop or until):
        raise typer.BadParameter("say what to renew: --certificate, --drop or --until")
    with tools_of(context).operator() as operator:
        operator.renew_partner(
            name,
            OPERATOR,
            certificates=_read(certificate),
            drop=tuple(text.replace(":", "").lower() for text in drop or ()),
            until=_day(until),
        )
        _warn(operator, [name])
    say(f"Renewed {name}.")


@app.command("import")
def import_partners(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="CSV", exists=True, dir_okay=False, help="See `columns`.")
    ],
) -> None:
    """Registers the organisations of a CSV file: all of them, or none when one is at fault.

    Its columns: name, domains, require, networks, exclusive (yes or no), addresses, certificates
    (files, seen from the CSV), signing_domains, allow_spf (yes or no), hourly, since, until.
    Several values of one column stand between blanks; all but the first three may be absent.
    """
    partners = read_partners(file)
    with tools_of(context).operator() as operator:
        try:
            operator.add_partner.together(partners, OPERATOR)
        except ConflictError:
            raise typer.BadParameter(
                f"{file}: a name stands there twice or is registered already; none was added"
            ) from None
        _warn(operator, [partner.name for partner in partners])
    say(f"Registered {len(partners)} partners.")


def _read(files: Sequence[Path] | None) -> tuple[CertificateFile, ...]:
    return tuple(CertificateFile(name=str(file), pem=file.read_bytes()) for file in files or ())


def _day(read: datetime | None) -> date | None:
    return read.date() if read else None


def _warn(operator: OperatorApp, names: Sequence[str]) -> None:
    """Says beside the answer what stands but should be looked at."""
    for partner in operator.list_partners():
        if partner.name in names:
            for line in operator.partner_warnings(partner):
                remark(f"{partner.name}: {line}")
