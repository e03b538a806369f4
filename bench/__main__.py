"""`make bench`: the targets P1 to P7, measured side by side on this machine.

`python -m bench [--quick] [--only P1,P4] [--rounds N] [--folder FOLDER]`
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.course import Course
from bench.machine import Machine
from bench.plan import FULL, QUICK
from bench.report import Report
from bench.verdicts import Word

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"


def main() -> None:
    """Prints the tables; a full run also leaves them in bench/results."""
    asked = _asked()
    plan = QUICK if asked.quick else FULL
    folder = Path(asked.folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # Postfix's daemons are another user and must be able to enter.
    folder.chmod(0o711)
    begun = time.monotonic()
    report = Report(
        plan=plan,
        machine=Machine.here(folder),
        begun=datetime.now(UTC),
        rounds=asked.rounds or plan.rounds,
    )
    _tell(report.machine.line)
    course = Course(
        report=report,
        folder=folder,
        only=frozenset(filter(None, asked.only.split(","))),
        tell=_tell,
    )
    try:
        course.run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.seconds = time.monotonic() - begun
    sys.stdout.write(report.as_markdown() + "\n")
    whole = not (asked.quick or asked.only or asked.rounds)
    name = f"{report.begun.date().isoformat()}-{report.machine.kind}" if whole else "last"
    paths = report.write(RESULTS if whole else folder.parent / "bench-last", name)
    if any(one.word is Word.NOT_MET for one in course.honesty):
        sys.exit("a promise was broken: see H1 and H2")
    _tell(f"written: {paths[0].name}, {paths[1].name} in {paths[0].parent.name}")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Targets P1 to P7.")
    parser.add_argument("--quick", action="store_true", help="about a minute; nothing is kept")
    parser.add_argument("--only", default="", help="cases, by comma: P1,P1s,P2,P3h,P3r,P4,P7,kill")
    parser.add_argument("--rounds", type=int, default=0, help="paired rounds per case")
    parser.add_argument(
        "--folder", default=str(ROOT / "var" / "bench"), help="on the disk to be measured; emptied"
    )
    return parser.parse_args()


def _tell(what: str) -> None:
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
