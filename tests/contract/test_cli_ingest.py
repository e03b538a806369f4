"""ingest and the listings: mail from files goes through the gate and is accounted for."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import sys
import time
from pathlib import Path

import pytest

from tests.services.processes import end, start

LETTER = b"From: sender@example.com\nSubject: A private matter\n\nThe words of letter %d.\n"
MESSAGE = {"id", "number", "reference", "state", "mailbox", "channel", "case", "queue", "reason"}
CASE = {
    "reference", "queue", "state", "mailbox", "channel", "assurance", "received_at", "messages",
}  # fmt: skip


def letter(path, number=1):
    path.write_bytes(LETTER % number)
    return path


def test_a_message_is_accepted_once_and_listed_without_content(program, tmp_path):
    file = letter(tmp_path / "one.eml")
    taken = program("ingest", file, "--mailbox", "maintenance", "--json")
    assert taken.json == {"accepted": 1, "duplicates": 0, "unreadable": 0}
    again = program("ingest", file, "--mailbox", "Maintenance", "--json")
    assert again.json == {"accepted": 0, "duplicates": 1, "unreadable": 0}
    listed = program("messages", "list", "--json")
    (message,) = listed.json["messages"]
    assert set(message) >= MESSAGE
    assert message["number"] == 1
    assert message["state"] == "accepted"
    assert message["mailbox"] == "maintenance"
    assert message["channel"] == "import"
    for told in (listed.out, program("messages", "list").out):
        assert "sender@" not in told
        assert "private" not in told
    with sqlite3.connect(program.data / "secure-mail.db") as database:
        dump = "\n".join(database.iterdump())
    assert "private matter" not in dump
    assert b"private matter".hex() not in dump.lower()


def test_an_mbox_is_as_many_messages_as_it_has(program, tmp_path):
    box = tmp_path / "box"
    box.write_bytes(
        b"".join(b"From MAILER Mon Nov 23 2026\n" + LETTER % n + b"\n" for n in range(3))
    )
    taken = program("ingest", box, "--mailbox", "maintenance", "--json")
    assert taken.json == {"accepted": 3, "duplicates": 0, "unreadable": 0}
    pages = program("messages", "list", "--limit", 2, "--json").json
    assert [message["number"] for message in pages["messages"]] == [1, 2]
    rest = program("messages", "list", "--limit", 2, "--after", pages["next"], "--json").json
    assert [message["number"] for message in rest["messages"]] == [3]
    assert "next" not in rest
    assert program("messages", "list", "--state", "filed", "--json").json == {"messages": []}
    assert program("messages", "list", "--since", "2999-01-01", "--json").json == {"messages": []}
    assert "there is no state lost" in program("messages", "list", "--state", "lost").line


def test_of_a_maildir_all_that_can_be_read_comes_in(program, tmp_path):
    maildir = tmp_path / "maildir"
    for number, folder in enumerate(("cur", "new", "tmp")):
        (maildir / folder).mkdir(parents=True)
        letter(maildir / folder / f"{number}.host:2,S", number)
    (maildir / "new" / "gone").symlink_to("nowhere")
    taken = program("ingest", maildir, "--mailbox", "maintenance", "--json")
    assert taken.code == 1
    assert taken.json == {"accepted": 2, "duplicates": 0, "unreadable": 1}
    assert "gone: cannot be read" in taken.err
    shutil.move(maildir / "new" / "1.host:2,S", maildir / "cur" / "1.host:2,RS")
    again = program("ingest", maildir, "--mailbox", "maintenance", "--json")
    assert again.json["duplicates"] == 2


def test_a_large_message_becomes_a_blob(program, tmp_path):
    file = tmp_path / "large.eml"
    file.write_bytes(LETTER % 1 + b"0123456789abcdef" * 20_000 + b"\n")
    assert program("ingest", file, "--mailbox", "maintenance", "--json").json["accepted"] == 1
    blobs = [path for path in (program.data / "blobs").rglob("*") if path.is_file()]
    assert len(blobs) == 1
    assert b"0123456789abcdef" not in blobs[0].read_bytes()


def test_wrong_usage_of_ingest(program, tmp_path):
    file = letter(tmp_path / "one.eml")
    assert "there is no mailbox nobody" in program("ingest", file, "--mailbox", "nobody").line
    (tmp_path / "folder").mkdir()
    folder = program("ingest", tmp_path / "folder", "--mailbox", "maintenance")
    assert "is no maildir" in folder.line
    assert "absent" in program("ingest", tmp_path / "absent", "--mailbox", "maintenance").line


def test_the_ledger_proves_what_is_there_and_names_what_is_not(program, tmp_path):
    for number in range(3):
        file = letter(tmp_path / f"{number}.eml", number)
        program("ingest", file, "--mailbox", "maintenance")
    verified = program("ledger", "verify", "--json")
    assert verified.code == 0
    assert verified.json["accepted"] == verified.json["in_progress"] == 3
    assert verified.json["sound"] is True
    with sqlite3.connect(program.data / "secure-mail.db") as database:
        database.execute("UPDATE message SET received_at = '2020-01-01 00:00:00'")
    late = program("ledger", "verify")
    assert late.code == 1
    assert "in progress since 2020" in late.err
    with sqlite3.connect(program.data / "secure-mail.db") as database:
        database.execute("DELETE FROM ledger_entry WHERE number = 2")
    broken = program("ledger", "verify")
    assert broken.code == 1
    assert broken.err == "number 2 is missing from the ledger\n"


@pytest.fixture
def worked(program, tmp_path):
    """A worker beside the commands, on the same data folder, with the keys of its role alone."""
    keys, own = Path(program.settings["KEY_DIR"]), tmp_path / "worker-keys"
    own.mkdir(mode=0o700)
    for name in ("public.json", "worker.key"):
        shutil.copy(keys / name, own)
    settings = {
        **program.settings,
        "KEY_DIR": str(own),
        "KEY_WRAP_FILE": str(keys / "worker.wrap"),
        "BASE_URL": "https://mail.example",
        "RELAY_URL": "smtp://127.0.0.1:9",
    }
    environment = {f"SECURE_MAIL_{name}": text for name, text in settings.items()}
    environment["TMPDIR"] = str(tmp_path)
    command = [sys.executable, "-m", "secure_mail", "serve", "--role", "worker"]
    worker = start(command, tmp_path / "worker.log", environment=environment)
    yield program
    end(worker.pid, signal.SIGTERM)


def until(listed, wanted, seconds=30):
    deadline = time.monotonic() + seconds
    while not (found := listed()) or not wanted(found):
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    return found


def test_cases_are_listed_and_shown_beside_a_running_worker(worked, tmp_path):
    worked("ingest", letter(tmp_path / "a.eml", 1), "--mailbox", "maintenance")
    worked("ingest", letter(tmp_path / "b.eml", 2), "--mailbox", "postmaster")
    stranger, known = until(
        lambda: worked("messages", "list", "--json").json["messages"],
        lambda found: all(message["state"] in {"filed", "held"} for message in found),
    )
    assert (stranger["state"], stranger["reason"]) == ("held", "not-eligible")
    assert known["state"] == "filed"
    (case,) = worked("cases", "list", "--queue", known["queue"], "--json").json["cases"]
    assert set(case) >= CASE
    assert case["reference"] == known["case"]
    shown = worked("cases", "show", case["reference"], "--json")
    assert shown.json["rule"]
    assert shown.json["trace"]
    assert [event["kind"] for event in shown.json["events"]] == ["filed"]
    for told in (shown.out, worked("cases", "show", case["reference"].lower()).out):
        assert "sender@" not in told
        assert "private matter" not in told
    counts = {each["name"]: each for each in worked("queues", "list", "--json").json["queues"]}
    assert counts[known["queue"]]["open"] == 1
    assert worked("ledger", "verify", "--json").json["in_progress"] == 0
    assert "the service is running" in worked("migrate").line


def test_case_pages_go_on_where_they_ended(program):
    assert program("cases", "list", "--json").json == {"cases": []}
    assert "there is no queue nowhere" in program("cases", "list", "--queue", "nowhere").line
    assert "--after must be" in program("cases", "list", "--after", "2026-01-01/x").line
    assert "is no reference" in program("cases", "show", "PK-0000-0001").line
    assert "there is none" in program("cases", "show", "PK-0000-0000").line
