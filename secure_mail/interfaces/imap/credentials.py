"""What an account signs in with: read or asked for anew before every login, never kept or told."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from secure_mail.interfaces.imap.accounts import ImapAccount

COMMAND_SECONDS = 10.0


class NoCredentialError(Exception):
    """There is nothing to sign in with; says how it failed, never what was found."""


def password_of(account: ImapAccount) -> str:
    """The password, from the address or from its file. Raises NoCredentialError."""
    if account.password is not None:
        return account.password
    if account.password_file is None:
        raise NoCredentialError("none given")
    return _read_private(account.password_file)


def token_of(
    account: ImapAccount, environment: Mapping[str, str], seconds: float = COMMAND_SECONDS
) -> str:
    """What the token command prints. Raises NoCredentialError.

    `environment` is all it is given: our own keys stand in ours.
    """
    try:
        code, printed = _ended(account.token_command, environment, seconds)
    except (OSError, subprocess.SubprocessError, ValueError) as failure:
        raise NoCredentialError(type(failure).__name__) from None
    if code != 0:
        raise NoCredentialError(f"exit {code}")
    return _one_word(printed)


def _ended(
    words: Sequence[str], environment: Mapping[str, str], seconds: float
) -> tuple[int, bytes]:
    """Its code and what it printed. Raises OSError, SubprocessError, ValueError."""
    with subprocess.Popen(  # noqa: S603 - an argument list of the operator, no shell
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(environment),
        start_new_session=True,
    ) as running:
        try:
            printed, _ = running.communicate(timeout=seconds)
        except BaseException:
            # With all that it has started: each later try would leave another one behind.
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            raise
    return running.returncode, printed


def _read_private(path: Path) -> str:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise NoCredentialError(f"mode {mode:04o}, not 0600")
            text = file.read().decode()
    except (OSError, UnicodeDecodeError) as failure:
        raise NoCredentialError(type(failure).__name__) from None
    password = text.rstrip("\r\n")
    if not password or not password.isprintable():
        raise NoCredentialError("not one line")
    return password


def _one_word(printed: bytes) -> str:
    """A token is visible ASCII (RFC 6750, 2.1); anything else could end its field early."""
    word = printed.strip()
    if not word or any(not 0x21 <= octet <= 0x7E for octet in word):
        raise NoCredentialError("not one token")
    return word.decode("ascii")
