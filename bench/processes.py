"""What a process and its children use, read from the kernel: Linux only."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
TICK = 1 / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0.01
MIB = 1024 * 1024


def tree(roots: Iterable[int]) -> list[int]:
    """The processes and all that descend from them."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                children[int(_stat(int(entry.name))[1])].append(int(entry.name))
    found = list(roots)
    for pid in found:
        found += children[pid]
    return found


def cpu_seconds(roots: Iterable[int]) -> float:
    """CPU time of the trees, of children that have ended as well.

    The living are read from their own clocks, in nanoseconds; the dead in ticks, once per parent.
    """
    total = 0.0
    for pid in tree(roots):
        with suppress(OSError):
            ended = _stat(pid)[13:15]
            # The clock of another process: clock_getcpuclockid(3).
            total += time.clock_gettime((~pid << 3) | 2) + sum(map(int, ended)) * TICK
    return total


def memory(roots: Iterable[int]) -> int:
    """Octets of the trees: PSS where it may be read, so that what is shared counts once."""
    total = 0
    for pid in tree(roots):
        with suppress(OSError):
            total += _kib(pid, "smaps_rollup", "Pss:") or _kib(pid, "status", "VmRSS:")
    return total


def forget_peak(pid: int) -> None:
    """From now on `peak` counts anew. Raises OSError where that is not allowed."""
    (PROC / str(pid) / "clear_refs").write_text("5")


def peak(pid: int) -> int:
    """Highest resident memory of one process, in octets."""
    return _kib(pid, "status", "VmHWM:")


def resident(pid: int) -> int:
    """Resident memory of one process, in octets."""
    return _kib(pid, "status", "VmRSS:")


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may hold blanks and parentheses itself: state, ppid, …."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _kib(pid: int, file: str, field: str) -> int:
    try:
        text = (PROC / str(pid) / file).read_text()
    except PermissionError:
        return 0
    lines = (line for line in text.splitlines() if line.startswith(field))
    return next((int(line.split()[1]) * 1024 for line in lines), 0)


def busy_seconds() -> float:
    """CPU time that anybody on this machine has used since it started."""
    fields = (PROC / "stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _idle, _iowait, irq, softirq, *_ = map(int, fields)
    return (user + nice + system + irq + softirq) * TICK
