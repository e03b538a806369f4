"""Writes docs/reference from the program itself: `make docs`. A test sees that it was done."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import typer
from pydantic import SecretStr

from secure_mail import settings
from secure_mail.infrastructure.rules.loader import json_schema
from secure_mail.run.cli import PROGRAM, build
from secure_mail.run.demo_folder import DEFAULTS
from secure_mail.settings import LATER_SETTINGS, PREFIX, ROLES, Settings, read_settings

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
MADE = "Made from the program by `make docs`; changes here are overwritten."


SETTINGS = f"""# Settings

{MADE}

Read from the environment, each under the prefix `{PREFIX}`. Any of them may be given as
`{PREFIX}…_FILE` instead: a file that holds the value. Lists stand between blanks or
commas. A name that is not listed here is an error; `secure-mail serve --print-settings` shows what
is in force, secrets masked.
"""
COMMANDS = f"""# Commands

{MADE}

A command ends with 0 when it is done, with 1 when a check failed, and with 2 for wrong usage or
settings: then one line on stderr says what is wrong, where, and what to do. `--json` prints one
JSON document on stdout. Commands may run beside the service, on the same data folder and with the
same settings; `migrate` and `keys init` refuse while it runs. In a demo's folder they use the
demo's settings.
"""


def pages() -> dict[str, str]:
    """Every file of the folder that is made, with its text."""
    return {
        "commands.md": "\n".join(commands_page()),
        "settings.md": "\n".join(settings_page()),
        "rules-schema.json": json_schema() + "\n",
    }


def settings_page() -> Iterator[str]:
    """Each field with its defaults and the words under it."""
    words, plain = _settings_words(), Settings()
    demo = read_settings({PREFIX + name: value for name, value in DEFAULTS.items()}, demo=True)
    yield SETTINGS
    yield from ("| name | default | meaning |", "|---|---|---|")
    for name in Settings.model_fields:
        if name != "demo":
            usual, in_demo = _shown(getattr(plain, name)), _shown(getattr(demo, name))
            both = usual if usual == in_demo else f"{usual or 'none'}; in the demo {in_demo}"
            yield f"| `{name.upper()}` | {both or 'none'} | {words[name]} |"
    yield from ("", "## Not available yet", "", "Setting one of these is an error of one line.", "")
    yield from (f"- `{name}`: {what}" for name, what in LATER_SETTINGS.items())
    yield from ("", f"Roles: {', '.join(ROLES)}.", "")


def commands_page() -> Iterator[str]:
    """Each command with its usage, its promise and its options."""
    yield COMMANDS
    yield from _commands(typer.main.get_command(build()), PROGRAM)


def _commands(command: Any, path: str) -> Iterator[str]:  # noqa: ANN401  Typer keeps the type private
    for name, child in getattr(command, "commands", {}).items():
        yield from _commands(child, f"{path} {name}")
    if not hasattr(command, "commands"):
        given = [param for param in command.params if param.name != "help"]
        yield from (f"## {path.removeprefix(PROGRAM + ' ')}", "", "```")
        yield " ".join([path, *filter(None, map(_usage, given))])
        yield from ("```", "", inspect.cleandoc(command.help or ""), "")
        listed = [line for param in given for line in _param(param)]
        yield from [*listed, ""] if listed else ()


def _usage(param: Any) -> str:  # noqa: ANN401  as above
    if param.param_type_name == "argument":
        return str(param.metavar)
    if param.is_flag:
        return f"[{param.opts[0]}]"
    option = f"{param.opts[0]} {_value(param)}" + (" …" if param.multiple else "")
    return option if param.required else f"[{option}]"


def _param(param: Any) -> Iterator[str]:  # noqa: ANN401  as above
    if param.help:
        name = param.metavar if param.param_type_name == "argument" else param.opts[0]
        default = "" if param.default in (None, False) else f" Default: {param.default}."
        yield f"- `{name}`: {param.help}{default}"


def _value(param: Any) -> str:  # noqa: ANN401  as above
    return str(param.metavar or param.name.upper())


def _settings_words() -> dict[str, str]:
    """What stands under each field of the class."""
    tree = ast.parse(inspect.getsource(settings))
    (body,) = [node.body for node in tree.body if getattr(node, "name", "") == "Settings"]
    words = {}
    for field, under in pairwise(body):
        match field, under:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                words[name] = " ".join(text.split())
            case _:
                continue
    return words


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value in (None, "", ()):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def main() -> None:
    """Writes the pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
