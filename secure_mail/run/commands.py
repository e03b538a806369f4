"""The commands that start, prepare or ask a process: serve, demo, migrate, health."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from secure_mail.interfaces.cli.output import remark, say
from secure_mail.run.demo_folder import effective_settings
from secure_mail.run.lock import alone

if TYPE_CHECKING:
    from secure_mail.settings import Role, Settings

Roles = Annotated[
    list[str] | None,
    typer.Option(
        "--role",
        metavar="ROLE",
        help="web, reading, staff, smtp, lmtp, imap, worker or scheduler; repeat for more; "
        "without it, all that are configured.",
    ),
]


def serve(
    role: Roles = None,
    print_settings: Annotated[
        bool, typer.Option("--print-settings", help="Show what would be used, secrets masked.")
    ] = False,
) -> None:
    """Runs the roles that this process is given, until SIGTERM or Ctrl-C."""
    settings = effective_settings(os.environ)
    roles = roles_named(role, settings)
    if print_settings:
        from secure_mail.settings import shown

        for name, value in shown(settings).items():
            say(f"{name}={value}")
        return
    from secure_mail.run.serve import serve as run

    run(settings, roles)


def demo(
    ready_file: Annotated[
        Path | None,
        typer.Option(metavar="F", help="Written with addresses and sign-in once all answers."),
    ] = None,
) -> None:
    """Runs everything in one process on loopback, with sample data."""
    from secure_mail.run.demo import demo as run

    run(ready_file)


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Only compare migrations and program, on a scratch.")
    ] = False,
) -> None:
    """Makes the tables, or brings them to this version of the program."""
    if check:
        _check_migrations()
        return
    from secure_mail.bootstrap.safety import refuse_plain_peers
    from secure_mail.infrastructure.db.engine import open_database
    from secure_mail.infrastructure.db.migrate import current, upgrade

    settings = effective_settings(os.environ)
    refuse_plain_peers(settings)
    _make_folder(settings)
    with alone(settings.data_dir):
        database = open_database(settings.database_url.get_secret_value(), pool=1)
        try:
            upgrade(database)
            say(f"The tables are at {current(database)}.")
        finally:
            database.close()


def health(role: Roles = None) -> None:
    """Asks the roles of this machine whether they work. Ends with 1 when one does not."""
    from secure_mail.run.health import healthy

    settings = effective_settings(os.environ)
    ill = [name for name in roles_named(role, settings) if not healthy(settings, name)]
    for name in ill:
        remark(f"{name} does not answer")
    if ill:
        raise typer.Exit(1)


def roles_named(names: Sequence[str] | None, settings: Settings) -> tuple[Role, ...]:
    """Without names, all that are configured. Raises BadParameter."""
    from secure_mail.settings import ROLES, configured_roles

    known = {str(role): role for role in ROLES}
    for name in names or ():
        if name not in known:
            raise typer.BadParameter(f"there is no role {name}: use {', '.join(ROLES)}")
    configured = configured_roles(settings)
    for name in names or ():
        if known[name] not in configured:
            where = {"lmtp": "LMTP_BIND", "imap": "IMAP_ACCOUNTS"}[name]
            raise typer.BadParameter(f"the role {name} needs SECURE_MAIL_{where}")
    return tuple(dict.fromkeys(known[name] for name in names)) if names else configured


def _make_folder(settings: Settings) -> None:
    """SQLite makes its file, but not the folder."""
    scheme, _, path = settings.database_url.get_secret_value().partition(":///")
    if scheme == "sqlite":
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def _check_migrations() -> None:
    from secure_mail.infrastructure.db.check import check
    from secure_mail.infrastructure.db.engine import open_database
    from secure_mail.infrastructure.db.migrate import upgrade

    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/scratch.db", pool=1)
        try:
            upgrade(database)
            differences = check(database)
        finally:
            database.close()
    for line in differences:
        remark(line)
    if differences:
        raise typer.Exit(1)
