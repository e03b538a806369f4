"""Partners as a spreadsheet saves them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import typer

from secure_mail.domain.partners import CertificateFile, NewPartner
from secure_mail.interfaces.cli import typed

NEEDED = ("name", "domains", "require")
OPTIONAL = (
    "networks",
    "exclusive",
    "addresses",
    "certificates",
    "signing_domains",
    "allow_spf",
    "hourly",
    "since",
    "until",
)
YES_NO = {"yes": True, "no": False, "": False}


def read_partners(file: Path) -> Sequence[NewPartner]:
    """Every row, parsed. Raises typer.BadParameter with the line of the first fault; OSError."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = csv.DictReader(opened, strict=True)
        try:
            _refuse_columns(rows.fieldnames or ())
            return [_partner(row, file.parent) for row in rows]
        except (csv.Error, ValueError, typer.BadParameter) as fault:
            raise typer.BadParameter(f"{file}:{rows.line_num}: {fault}; none was added") from None


def _refuse_columns(names: Sequence[str]) -> None:
    if missing := [name for name in NEEDED if name not in names]:
        raise typer.BadParameter(f"the column {missing[0]} is missing")
    if unknown := [name for name in names if name not in NEEDED + OPTIONAL]:
        raise typer.BadParameter(f"there is no column {unknown[0]!r}")


def _partner(row: Mapping[str, str | None], folder: Path) -> NewPartner:
    given = {name: (row.get(name) or "").strip() for name in NEEDED + OPTIONAL}
    if not given["name"]:
        raise typer.BadParameter("the name is empty")
    return NewPartner(
        name=given["name"],
        domains=tuple(map(typed.domain, typed.listed(given["domains"]))),
        require=tuple(map(typed.check, typed.listed(given["require"]))),
        networks=tuple(map(typed.network, typed.listed(given["networks"]))),
        exclusive=_yes(given, "exclusive"),
        addresses=tuple(map(typed.address, typed.listed(given["addresses"]))),
        certificates=tuple(_file(folder, name) for name in typed.listed(given["certificates"])),
        signing_domains=tuple(map(typed.domain, typed.listed(given["signing_domains"]))),
        allow_spf=_yes(given, "allow_spf"),
        hourly=_hourly(given["hourly"]),
        since=date.fromisoformat(given["since"]) if given["since"] else None,
        until=date.fromisoformat(given["until"]) if given["until"] else None,
    )


def _yes(given: Mapping[str, str], column: str) -> bool:
    if given[column] not in YES_NO:
        raise typer.BadParameter(f"{column} must be yes or no")
    return YES_NO[given[column]]


def _hourly(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit() and int(text)):
        raise typer.BadParameter("hourly must be a number of messages")
    return int(text) if text else None


def _file(folder: Path, name: str) -> CertificateFile:
    try:
        return CertificateFile(name=name, pem=(folder / name).read_bytes())
    except OSError as failure:
        raise typer.BadParameter(
            f"the certificate {name} cannot be read ({type(failure).__name__})"
        ) from None
