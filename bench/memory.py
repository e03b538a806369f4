"""P7: what an idle TLS session holds, and what eight large letters at once do."""

from __future__ import annotations

from dataclasses import dataclass

from bench import processes
from bench.client import Client
from bench.load.job import Job
from bench.peers.ours import Ours
from bench.rounds import compared

KIB = 1024


@dataclass(frozen=True, slots=True)
class Idle:
    """Octets per session."""

    sessions: int
    each: float
    errors: tuple[str, ...]


def idle(server: Ours, job: Job) -> Idle:
    """Opens the sessions of an idle job; the first hundred letters and handshakes were others'."""
    server.start()
    try:
        # The buffers and threads that the first session needs are not the price of each.
        first = Client(Job(port=server.port, tls=True, idle=True, sessions=5))
        first.begin()
        first.end()
        before = processes.memory(server.pids)
        client = Client(job.at(server.port))
        held = processes.memory(server.pids) - before
        client.begin()
        told = client.end()
    finally:
        server.stop()
    opened = int(str(told["sessions"]))
    return Idle(opened, held / max(opened, 1), tuple(told["errors"]))


@dataclass(frozen=True, slots=True)
class Large:
    """Octets above idle while large letters stream in."""

    letters: int
    size: int
    above_idle: int
    errors: tuple[str, ...]
    missing: int
    seconds: float


def large(server: Ours, job: Job) -> Large:
    """The peak of one process while all letters of the job come at once."""
    server.start()
    try:
        small = Client(Job(port=server.port, run="small", messages=20, sessions=4, tls=job.tls))
        small.begin()
        small.load()
        server.stored()
        client = Client(job.at(server.port))
        [pid] = server.pids
        before = processes.resident(pid)
        processes.forget_peak(pid)
        client.begin()
        load = client.load()
        above = processes.peak(pid) - before
        missing, _ = compared(load, server.stored())
    finally:
        server.stop()
    return Large(job.messages, job.size, above, load.errors, missing, load.seconds)
