"""Whose turn it is to write to SQLite: among threads, and among processes."""

from __future__ import annotations

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
        assert process.stdout.readline() == "writes\n"
        yield process
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
        with Turns(file=file).turn():
            assert not select.select([busy.stdout], [], [], 0.1)[0]
        assert busy.stdout.readline() == "writes again\n"


def test_a_process_that_writes_for_too_long_is_not_waited_for(tmp_path):
    turns = Turns(patience=0.05, file=tmp_path / "turn")
    with another_process(tmp_path / "turn") as busy:
        for _ in range(2):
            # Not by the turn that it asks for once we wait: it is stopped.
            busy.send_signal(signal.SIGSTOP)
            with pytest.raises(StoreDownError, match="another process"), turns.turn():
                pass
        busy.send_signal(signal.SIGCONT)
    with turns.turn():
        pass


def test_a_killed_process_keeps_no_turn(tmp_path):
    with another_process(tmp_path / "turn"):
        pass
    with Turns(patience=0.05, file=tmp_path / "turn").turn():
        pass


def test_without_its_file_there_is_no_order_and_still_a_turn(tmp_path):
    turns = Turns(file=tmp_path / "nowhere" / "turn")
    with turns.turn():
        pass
    turns.close()


def test_a_closed_file_is_opened_anew(tmp_path):
    turns = Turns(file=tmp_path / "turn")
    with turns.turn():
        assert (tmp_path / "turn").stat().st_mode & 0o777 == 0o600
    turns.close()
    with turns.turn():
        pass
    turns.close()
