"""Wrapping keys come from a value, a command or beside; whatever is wrong is never repeated."""

from __future__ import annotations

import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from secure_mail.application.ports.safety import SafetyError
from secure_mail.infrastructure.vault.roles import KeyRole
from secure_mail.infrastructure.vault.wrapping import CommandKeys, GivenKeys, KeysBeside

ONE, TWO = b"1" * 32, b"\xfb" * 32
ONE_TEXT, TWO_TEXT = b64encode(ONE).decode(), b64encode(TWO).decode()


def test_one_value_serves_every_role() -> None:
    keys = GivenKeys(ONE_TEXT + "\n")
    assert keys.of(KeyRole.WEB) == keys.of(KeyRole.WORKER) == ONE


def test_a_value_per_role_serves_those_roles() -> None:
    keys = GivenKeys(f"web={ONE_TEXT}, worker={TWO_TEXT}")
    assert keys.of(KeyRole.WEB) == ONE
    assert keys.of(KeyRole.WORKER) == TWO
    with pytest.raises(SafetyError, match="no wrapping key for role staff"):
        keys.of(KeyRole.STAFF)


@pytest.mark.parametrize(
    "value",
    ["", "hush", "web=hush", f"web={ONE_TEXT},hush", f"nobody={ONE_TEXT}", f"{ONE_TEXT}x", "ä"],
)
def test_a_value_that_is_no_key_is_not_repeated(value: str) -> None:
    with pytest.raises(SafetyError, match="KEY_WRAP") as refusal:
        GivenKeys(value).of(KeyRole.WEB)
    assert "hush" not in str(refusal.value)
    assert ONE_TEXT not in str(refusal.value)


def script(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_a_command_is_told_the_role() -> None:
    keys = CommandKeys(
        script(f"import sys; print({{'web': '{ONE_TEXT}', 'smtp': '{TWO_TEXT}'}}[sys.argv[-1]])")
    )
    assert keys.of(KeyRole.WEB) == ONE
    assert keys.of(KeyRole.SMTP) == TWO


@pytest.mark.parametrize(
    ("command", "how"),
    [
        (script("import sys; print('hush'); sys.exit('hush')"), "exit 1"),
        (script("print('hush')"), "not 32 octets"),
        (script("import time; print('hush', flush=True); time.sleep(9)"), "TimeoutExpired"),
        (["/nonexistent/hush"], "FileNotFoundError"),
    ],
)
def test_a_failing_command_is_one_line_without_its_output(command: list[str], how: str) -> None:
    with pytest.raises(SafetyError, match=how) as refusal:
        CommandKeys(command, seconds=0.5).of(KeyRole.WEB)
    assert "hush" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    with pytest.raises(SafetyError):
        CommandKeys([f"touch {tmp_path}/made; echo"]).of(KeyRole.WEB)
    assert list(tmp_path.iterdir()) == []


def test_a_wrapping_key_beside_must_be_private_too(tmp_path: Path) -> None:
    path = tmp_path / "web.wrap"
    path.write_text(ONE_TEXT)
    path.chmod(0o600)
    assert KeysBeside(tmp_path).of(KeyRole.WEB) == ONE
    path.chmod(0o644)
    with pytest.raises(SafetyError, match="too open"):
        KeysBeside(tmp_path).of(KeyRole.WEB)


@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) is Linux")
def test_a_process_with_private_keys_leaves_no_dump() -> None:
    seen = subprocess.run(
        script(
            "import ctypes, resource\n"
            "from secure_mail.infrastructure.vault.hardening import harden\n"
            "harden()\n"
            "dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)\n"
            "print(resource.getrlimit(resource.RLIMIT_CORE), dumpable)"
        ),
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    )
    assert seen.stdout == "(0, 0) 0\n"
