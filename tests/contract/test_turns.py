"""Whose turn it is to write to SQLite: among threads, and among processes."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from secure_mail.application.ports.store import StoreDownError
from secure_mail.infrastructure.db.turns import Turns

WRITER = """
import sys, time
from pathlib import Path
from secure_mail.infrastructure.db.turns import NEXT, Neighbours

neighbours = Neighbours(Path(sys.argv[1]))
neighbours.enter(float("inf"))
print("writes", flush=True)
while neighbours._locked(NEXT):
    neighbours._let_go(NEXT)
    time.sleep(0.001)
neighbours.leave()
neighbours.enter(float("inf"))
print("writes again", flush=True)
"""
"""A busy process: as soon as somebody waits it has done, and asks for the next turn at once."""


@contextmanager
def another_process(file):
    words = (sys.executable, "-c", WRITER, str(file))
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "writes\n"
            yield process
        finally:
            process.kill()


def test_turns_are_served_in_the_order_of_asking():
    turns, served, started = Turns(), [], Event()

    def ask(number):
        with turns.turn():
            served.append(number)

    with ThreadPoolExecutor(5) as pool:
        with turns.turn():
            for number in range(5):
                pool.submit(ask, number)
                while len(turns._waiting) <= number:
                    started.wait(0.001)
        pool.shutdown()
    assert served == [0, 1, 2, 3, 4]


def test_a_turn_that_does_not_come_is_given_up():
    turns = Turns(patience=0.01)
    with turns.turn(), ThreadPoolExecutor(1) as pool:
        with pytest.raises(StoreDownError):
            pool.submit(turns.turn().__enter__).result()
        assert not turns._waiting
    with turns.turn():
        pass


def test_who_waits_comes_before_a_process_that_has_just_written(tmp_path):
    file = tmp_path / "turn"
    with another_process(file) as busy:
        with Turns(file=file).among_processes():
            assert not select.select([busy.stdout], [], [], 0.1)[0]
        assert busy.stdout.readline() == "writes again\n"


def test_a_process_that_writes_for_too_long_is_not_waited_for(tmp_path):
    turns = Turns(patience=0.05, file=tmp_path / "turn")
    with another_process(tmp_path / "turn") as busy:
        for _ in range(2):
            # Not by the turn that it asks for once we wait: it is stopped.
            busy.send_signal(signal.SIGSTOP)
            with pytest.raises(StoreDownError, match="another process"), turns.among_processes():
                pass
        busy.send_signal(signal.SIGCONT)
    with turns.among_processes():
        pass


def test_a_killed_process_keeps_no_turn(tmp_path):
    with another_process(tmp_path / "turn"):
        pass
    with Turns(patience=0.05, file=tmp_path / "turn").among_processes():
        pass


@pytest.mark.parametrize("fault", [FileNotFoundError, PermissionError, BlockingIOError, OSError])
def test_where_its_file_cannot_be_opened_there_is_no_order_and_still_a_turn(
    tmp_path, monkeypatch, fault
):
    def refuse(*_):
        raise fault

    turns = Turns(patience=0.05, file=tmp_path / "turn")
    monkeypatch.setattr(os, "open", refuse)
    with turns.among_processes():
        pass
    turns.close()


def test_a_closed_file_is_opened_anew(tmp_path):
    turns = Turns(file=tmp_path / "turn")
    for _ in range(2):
        with turns.among_processes():
            assert (tmp_path / "turn").stat().st_mode & 0o777 == 0o600
        turns.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes for others")
def test_what_root_makes_is_the_service_s(tmp_path):
    os.chown(tmp_path, 65534, 65534)
    with Turns(file=tmp_path / "turn").among_processes():
        pass
    made = (tmp_path / "turn").stat()
    assert (made.st_uid, made.st_gid) == (65534, 65534)
