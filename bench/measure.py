"""Measures the all-in-one process on this machine and prints one JSON object.

By hand: `python -m bench.measure`. It starts `secure-mail demo` in a scratch folder, sends as a
partner's mail server does, and forgets the folder afterwards. Rates are measured by `make bench`.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from tests.journey.partner import COURT, connected, hand_over, letter
from tests.journey.program import Demo, until

MAILBOX = "perintakeskus"
IDLE_SECONDS = 5.0
DELAYS = 20
TEXT = "Hei,\n\nasia koskee esimerkkiä.\n" * 40
"""About 1.2 kB: a letter of one page."""


def main() -> None:
    """Writes the figures to stdout; what goes on to stderr."""
    with tempfile.TemporaryDirectory(prefix="secure-mail-bench-") as folder:
        demo = Demo(Path(folder))
        figures: dict[str, object] = {"machine": _machine()}
        _tell("a first start on a fresh folder")
        with started(demo) as seconds:
            figures["start_fresh_seconds"] = seconds
        _tell("a second start")
        with started(demo) as seconds:
            figures["start_used_seconds"] = seconds
            time.sleep(IDLE_SECONDS)
            figures["idle_rss_mib"] = rss(demo)
            _tell(f"{DELAYS} messages, one after another")
            figures["accepted_to_filed_milliseconds"] = delays(demo)
            figures["rss_after_mib"] = rss(demo)
            demo.operator.run("ledger", "verify")
    json.dump(figures, sys.stdout, indent=2)
    sys.stdout.write("\n")


@contextmanager
def started(demo: Demo) -> Iterator[float]:
    """The seconds until every door answers (and, the first time, the samples are filed)."""
    begin = time.monotonic()
    demo.start()
    try:
        yield round(time.monotonic() - begin, 2)
    finally:
        demo.stop()


def rss(demo: Demo) -> float:
    """Resident memory of the process, in MiB."""
    status = Path(f"/proc/{demo.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return round(int(line.split()[1]) / 1024, 1)


def delays(demo: Demo) -> dict[str, float]:
    """From the door's 250 to the commit after which every listing shows the message as filed."""
    database = sqlite3.connect(f"file:{demo.data}/secure-mail.db?mode=ro", uri=True)
    found = []
    with closing(database), connected(demo.smtp) as client:
        for number in range(DELAYS):
            mail = letter(COURT, MAILBOX, subject=f"Viive {number}", text=TEXT)
            (reference,) = hand_over(client, mail)
            accepted = time.monotonic()
            until(partial(_filed, database, reference), "it is filed", pause=0.001)
            found.append(1000 * (time.monotonic() - accepted))
    return _spread(found)


def _filed(database: sqlite3.Connection, reference: str) -> bool:
    asked = "SELECT state FROM message WHERE reference = ?"
    return bool(database.execute(asked, (reference,)).fetchone() == ("filed",))


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "min": round(min(values), 1),
        "median": round(statistics.median(values), 1),
        "max": round(max(values), 1),
    }


def _machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def _tell(what: str) -> None:
    sys.stderr.write(f"{what} …\n")


if __name__ == "__main__":
    main()
