"""What the figures were measured on: enough to compare with, nothing that names the machine."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

NO_OP = 20e-6
"""Seconds: no disk writes faster, so an fsync that took less did nothing."""
TRIES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    cores: int
    processor: str
    memory_gib: int
    system: str
    python: str
    filesystem: str
    fsync_ms: float
    fsync_real: bool
    load: float
    postfix: str

    @property
    def kind(self) -> str:
        """Part of the name of a results file."""
        return f"{self.cores}-cores-{platform.machine()}"

    @property
    def line(self) -> str:
        """One line for people."""
        fsync = f"{self.fsync_ms:.2f} ms" if self.fsync_real else "a no-op: nothing is durable here"
        return (
            f"{self.cores} cores ({self.processor}), {self.memory_gib} GiB, {self.system}, "
            f"Python {self.python}, data on {self.filesystem} (append 4 KiB + fsync: {fsync}), "
            f"Postfix {self.postfix}, load {self.load:.1f} before the run"
        )

    @classmethod
    def here(cls, folder: Path) -> Machine:
        """Also measures what an fsync costs in the folder."""
        kind, fsync = filesystem(folder), _fsync_seconds(folder)
        return cls(
            cores=os.cpu_count() or 1,
            processor=_processor(),
            memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
            system=f"{platform.system()} {platform.release()}",
            python=platform.python_version(),
            filesystem=kind,
            fsync_ms=1000 * fsync,
            fsync_real=kind != "tmpfs" and fsync > NO_OP,
            load=os.getloadavg()[0],
            postfix=_postfix(),
        )


def filesystem(folder: Path) -> str:
    """The type of the file system that the folder lies on."""
    best, kind = "", "unknown"
    wanted = str(folder.resolve())
    for line in Path("/proc/mounts").read_text().splitlines():
        _, place, found, *_ = line.split()
        inside = wanted == place or wanted.startswith(place.rstrip("/") + "/")
        if inside and len(place) >= len(best):
            best, kind = place, found
    return kind


def _fsync_seconds(folder: Path) -> float:
    path = folder / "fsync.probe"
    found = []
    with path.open("wb", buffering=0) as file:
        for _ in range(TRIES):
            file.write(b"x" * 4096)
            begin = perf_counter()
            os.fsync(file.fileno())
            found.append(perf_counter() - begin)
    path.unlink()
    return statistics.median(found)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return " ".join(line.partition(":")[2].split())
    return platform.machine()


def _postfix() -> str:
    try:
        told = subprocess.run(
            ["/usr/sbin/postconf", "-dh", "mail_version"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "absent"
    return told.stdout.strip()
