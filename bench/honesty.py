"""What a fast figure is worth: nothing acknowledged is lost, and nothing lies in the clear."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.client import Client
from bench.load.job import Job
from bench.load.letters import CANARY
from bench.peers.ours import Ours
from bench.verdicts import Verdict, Word

PIECE = 1024 * 1024
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Killed:
    """What became of the letters that were acknowledged before the process was killed."""

    sent: int
    acknowledged: int
    missing: int
    stored: int

    @property
    def verdict(self) -> Verdict:
        told = f"{self.acknowledged} acknowledged, {self.stored} stored, {self.missing} missing"
        if not 0 < self.acknowledged < self.sent:
            word, told = Word.NONE, f"it was not killed amid the load: {told}"
        else:
            word = Word.NOT_MET if self.missing else Word.MET
        return Verdict(
            number="H1",
            words="killed with -9 amid the load and restarted: every acknowledged letter is there",
            word=word,
            why=told,
        )


def kill_amid(server: Ours, job: Job) -> Killed:
    """Kills the server when it has a fifth of a load, starts it again, and opens all it has."""
    server.start()
    try:
        client = Client(job.at(server.port))
        client.begin()
        give_up = time.monotonic() + PATIENCE
        while server.taken() < job.messages // 5 and time.monotonic() < give_up:
            time.sleep(0.01)
        server.kill()
        load = client.load()
        server.start()
        stored = server.stored()
    finally:
        server.stop()
    missing = Counter(load.digests) - stored
    return Killed(job.messages, len(load.digests), missing.total(), stored.total())


def in_the_clear(folders: Iterable[Path], word: bytes = CANARY) -> list[Path]:
    """The files that hold the word, wherever in them it stands."""
    return [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and _holds(path, word)
    ]


def _holds(path: Path, word: bytes) -> bool:
    with path.open("rb") as file:
        tail = b""
        while piece := file.read(PIECE):
            if word in tail + piece:
                return True
            tail = piece[-len(word) :]
    return False


def canary(folders: Iterable[Path], control: Path) -> Verdict:
    """Looks for the word of every letter; first where it surely is, so that the search is one."""
    control.mkdir(exist_ok=True)
    (control / "in-the-clear").write_bytes(b"x" * (PIECE - 7) + CANARY)
    if not in_the_clear([control]):
        raise RuntimeError("the search does not find what is there")
    found = in_the_clear(folders)
    return Verdict(
        number="H2",
        words="no letter in the clear in data, temporary files or logs",
        word=Word.NOT_MET if found else Word.MET,
        why=", ".join(path.name for path in found) or "the canary was found in no file",
    )
