"""Partners as a spreadsheet saves them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import typer

from secure_mail.domain.partners import NewPartner
from secure_mail.interfaces.cli import typed

NEEDED = ("name", "domains", "require")
OPTIONAL = ("networks", "exclusive", "addresses", "until")
YES_NO = {"yes": True, "no": False, "": False}


def read_partners(file: Path) -> Sequence[NewPartner]:
    """Every row, parsed. Raises typer.BadParameter with the line of the first fault; OSError."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = csv.DictReader(opened, strict=True)
        try:
            _refuse_columns(rows.fieldnames or ())
            return [_partner(row) for row in rows]
        except (csv.Error, ValueError, typer.BadParameter) as fault:
            raise typer.BadParameter(f"{file}:{rows.line_num}: {fault}; none was added") from None


def _refuse_columns(names: Sequence[str]) -> None:
    if missing := [name for name in NEEDED if name not in names]:
        raise typer.BadParameter(f"the column {missing[0]} is missing")
    if unknown := [name for name in names if name not in NEEDED + OPTIONAL]:
        raise typer.BadParameter(f"there is no column {unknown[0]!r}")


def _partner(row: Mapping[str, str | None]) -> NewPartner:
    given = {name: (row.get(name) or "").strip() for name in NEEDED + OPTIONAL}
    if not given["name"]:
        raise typer.BadParameter("the name is empty")
    if given["exclusive"] not in YES_NO:
        raise typer.BadParameter("exclusive must be yes or no")
    return NewPartner(
        name=given["name"],
        domains=tuple(map(typed.domain, typed.listed(given["domains"]))),
        require=tuple(map(typed.check, typed.listed(given["require"]))),
        networks=tuple(map(typed.network, typed.listed(given["networks"]))),
        exclusive=YES_NO[given["exclusive"]],
        addresses=tuple(map(typed.address, typed.listed(given["addresses"]))),
        until=date.fromisoformat(given["until"]) if given["until"] else None,
    )
