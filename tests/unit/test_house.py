"""The house rules that no linter knows: short files, one name per thing, nothing of a machine."""

from __future__ import annotations

import ast
import re
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from pytest_socket import SocketBlockedError

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "secure_mail"
LONGEST = 300
BANNED_NAMES = {"utils", "util", "helpers", "common", "manager", "service", "handler"}
INNER_RINGS = ("domain", "application")

# Brackets keep this file, which is looked through as well, from matching itself.
REGISTRY = re.compile(r"https?://[\w.-]*(?:py[p]i\.|python[h]osted|npm[j]s|debian[.]org)")
MACHINE_PATH = re.compile(r"(?<![\w.$}/~-])/(?:work|farm|root)/|(?<![\w.])/home/[a-z]")


def tracked() -> list[Path]:
    """Every file that is or would be committed; in an unpacked archive, every file of ours."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    names = set(listed.stdout.decode().split("\0")) - {""}
    return [path for name in sorted(names) if (path := ROOT / name).is_file()]


def modules(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def test_no_file_is_longer_than_a_reader_holds_in_mind():
    kinds = {".py", ".j2", ".html", ".mjs", ".scss"}
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked()
        if path.suffix in kinds and (lines := len(path.read_text().splitlines())) > LONGEST
    }
    assert not long


@pytest.mark.parametrize("trace", [REGISTRY, MACHINE_PATH], ids=["registry", "machine path"])
def test_no_file_names_a_registry_or_a_machine(trace):
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        if (match := trace.search(path.read_text(errors="ignore")))
    ]
    assert not found


def test_the_traces_would_be_found():
    assert REGISTRY.search("https://files.python" + "hosted.org/x")
    assert REGISTRY.search("https://registry.np" + "mjs.org/x")
    assert MACHINE_PATH.search("cd /ro" + "ot/x")
    assert not MACHINE_PATH.search("docs/wo" + "rk/x")


def test_modules_are_named_after_what_they_do():
    vague = [
        str(path.relative_to(ROOT))
        for path in modules(PACKAGE)
        if BANNED_NAMES & {*path.relative_to(PACKAGE).with_suffix("").parts}
    ]
    assert not vague


def test_every_package_says_where_it_stands():
    silent = [
        str(path.relative_to(ROOT))
        for path in modules(PACKAGE)
        if path.name == "__init__.py" and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def test_every_folder_with_modules_is_a_package():
    """A folder without `__init__` would escape the import contracts."""
    bare = {
        str(path.parent.relative_to(ROOT))
        for path in modules(PACKAGE)
        if not (path.parent / "__init__.py").exists()
        # Alembic loads these by path.
        if "migrations" not in path.parts
    }
    assert not bare


@pytest.mark.parametrize("ring", INNER_RINGS)
def test_an_inner_ring_imports_the_standard_library_alone(ring):
    allowed = sys.stdlib_module_names | {"secure_mail"}
    foreign = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules(PACKAGE / ring)
        for name in imported(ast.parse(path.read_text()))
        if name.partition(".")[0] not in allowed
    }
    assert not foreign


def imported(tree: ast.Module) -> list[str]:
    """Absolute names of all imports, those in functions too."""
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.append(node.module or "")
    return names


def test_the_inner_tiers_open_no_socket():
    with pytest.warns(UserWarning, match="socket"), pytest.raises(SocketBlockedError):
        socket.socket()


def test_every_capability_and_door_is_under_a_contract_of_independence():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    independent = {
        module
        for contract in contracts["contracts"]
        if contract["type"] == "independence"
        for module in contract["modules"]
    }
    for ring, shared in (("application", {"ports"}), ("interfaces", set())):
        folders = {path.parent.name for path in (PACKAGE / ring).glob("*/__init__.py")} - shared
        assert {f"secure_mail.{ring}.{name}" for name in folders} <= independent
