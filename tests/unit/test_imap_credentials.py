"""What an account signs in with: a command without a shell, a file that nobody else reads."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from secure_mail.interfaces.imap.accounts import parse_accounts
from secure_mail.interfaces.imap.credentials import NoCredentialError, password_of, token_of

URL = "imaps://desk@imap.example/INBOX?mailbox=m"


def command(*words):
    query = "".join(f"&token_command={quote(word, safe='/')}" for word in words)
    return parse_accounts([URL + query])[0]


def python(code):
    return command(sys.executable, "-c", code)


def test_the_command_prints_a_token_and_is_given_nothing_of_ours():
    script = "import os; print(' '.join(sorted(os.environ)) or 'none')"
    assert token_of(python("print('ya29.token_')"), {}) == "ya29.token_"
    # Some systems set a locale of their own.
    told = token_of(python(script.replace("' '", "','")), {"PATH": "/bin"})
    assert set(told.split(",")) <= {"PATH", "LC_CTYPE"}


def test_words_reach_the_command_as_they_are():
    assert token_of(command("/bin/echo", "$HOME;`id`|x"), {}) == "$HOME;`id`|x"


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("import sys; print('s3cret'); sys.exit(3)", "exit 3"),
        ("pass", "not one token"),
        ("print('two words')", "not one token"),
        ("print('a\\x01b')", "not one token"),
        ("print('ä')", "not one token"),
        ("import time; print('s3cret', flush=True); time.sleep(60)", "TimeoutExpired"),
    ],
)
def test_what_a_command_says_is_never_told(code, how):
    with pytest.raises(NoCredentialError) as told:
        token_of(python(code), {"PATH": "/bin"}, seconds=1.5)
    assert str(told.value) == how
    assert told.value.__cause__ is None
    assert told.value.__context__ is None or told.value.__suppress_context__


def test_a_command_that_hangs_leaves_nothing_behind(tmp_path):
    told = tmp_path / "pid"
    script = (
        "import pathlib, subprocess; child = subprocess.Popen(['sleep', '60']); "
        f"pathlib.Path({str(told)!r}).write_text(str(child.pid)); child.wait()"
    )
    with pytest.raises(NoCredentialError, match="TimeoutExpired"):
        token_of(python(script), {"PATH": "/bin:/usr/bin"}, seconds=1.5)
    started = Path("/proc") / told.read_text() / "stat"
    for _ in range(200):
        # Whoever adopts it may be slow to bury it.
        if not started.exists() or ") Z " in started.read_text():
            return
        time.sleep(0.01)
    raise AssertionError("it runs on")


def test_a_command_that_is_not_there():
    with pytest.raises(NoCredentialError, match="FileNotFoundError"):
        token_of(command("/no/such/command"), {})


def test_a_password_file_is_one_line_of_this_user(tmp_path):
    file = tmp_path / "password"
    (account,) = parse_accounts([f"{URL}&password_file={file}"])
    for text, mode, fine in (
        ("correct horse ä\n", 0o600, True),
        ("correct horse ä", 0o400, True),
        ("correct horse ä\n", 0o604, False),
        ("correct horse ä\n", 0o620, False),
        ("\n", 0o600, False),
        ("two\nlines\n", 0o600, False),
    ):
        file.unlink(missing_ok=True)
        file.write_text(text)
        file.chmod(mode)
        if fine:
            assert password_of(account) == "correct horse ä"
        else:
            with pytest.raises(NoCredentialError):
                password_of(account)
