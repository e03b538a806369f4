"""Rounds in rotated order: everybody is started once, warmed, and then loaded in turn."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Protocol

from bench import processes
from bench.client import Load, with_ours
from bench.figures import percentile, rotated
from bench.load.job import Job
from bench.verdicts import Round

WARMING = 60
Tell = Callable[[str], None]


class Contestant(Protocol):
    """A server in processes of its own."""

    name: str

    @property
    def port(self) -> int: ...
    @property
    def pids(self) -> Sequence[int]:
        """Of the processes that were started; those that they start count as well."""
        ...

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def stored(self) -> Counter[str]:
        """Digests of the letters taken since it was last asked, as they lie there."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One kind of load."""

    name: str
    words: str
    job: Job
    """Port and run are filled in for each round."""
    client: Callable[[Job], Callable[[], Load]] = with_ours


def run(
    case: Case, contestants: Sequence[Contestant], count: int, tell: Tell
) -> dict[str, list[Round]]:
    """The rounds of each contestant, by name. Every letter is looked for after its round."""
    by_name: Mapping[str, Contestant] = {one.name: one for one in contestants}
    found: dict[str, list[Round]] = {name: [] for name in by_name}
    with ExitStack() as stack:
        for one in contestants:
            stack.callback(one.stop)
            one.start()
        for one in contestants:
            _one(case, one, -1, messages=min(WARMING, case.job.messages))
        for number in range(count):
            for name in rotated(list(by_name), number):
                done = _one(case, by_name[name], number)
                found[name].append(done)
                tell(f"{case.name} round {number + 1} {name}: {shown(done)}")
    return found


def _one(case: Case, contestant: Contestant, number: int, messages: int = 0) -> Round:
    job = replace(
        case.job,
        port=contestant.port,
        run=f"{case.name}.{number}",
        messages=messages or case.job.messages,
    )
    go = case.client(job)
    roots, load = contestant.pids, os.getloadavg()[0]
    busy, cpu, begun = processes.busy_seconds(), processes.cpu_seconds(roots), perf_counter()
    done = go()
    lasted = perf_counter() - begun
    busy, cpu = processes.busy_seconds() - busy, processes.cpu_seconds(roots) - cpu
    memory = processes.memory(roots)
    missing, unknown = compared(done, contestant.stored())
    answered = max(done.acknowledged, 1)
    return Round(
        number=number,
        rate=done.acknowledged / done.seconds,
        cpu_ms=1000 * cpu / answered,
        p50_ms=1000 * percentile(done.waits, 0.5) if done.waits else None,
        p99_ms=1000 * percentile(done.waits, 0.99) if done.waits else None,
        memory=memory,
        load=load,
        others=max(busy - cpu - done.client_cpu, 0.0) / lasted,
        client=done.client_cpu / done.seconds,
        acknowledged=done.acknowledged,
        errors=done.errors,
        missing=missing,
        unknown=unknown,
    )


def compared(load: Load, stored: Counter[str]) -> tuple[int, int]:
    """Letters acknowledged but not there, and there but never acknowledged.

    smtp-source makes its own letters: they can be opened and counted, not recognised.
    """
    if not load.digests:
        there = sum(stored.values())
        return max(load.acknowledged - there, 0), max(there - load.acknowledged, 0)
    said = Counter(load.digests)
    return (said - stored).total(), (stored - said).total()


def shown(one: Round) -> str:
    """A round in one line, for whoever waits."""
    words = [f"{one.rate:.0f}/s", f"{one.cpu_ms:.2f} ms CPU"]
    if one.p50_ms is not None and one.p99_ms is not None:
        words.append(f"p50 {one.p50_ms:.1f} p99 {one.p99_ms:.1f} ms")
    if one.errors:
        words.append(f"errors {len(one.errors)}: {one.errors[0]}")
    if one.missing or one.unknown:
        words.append(f"missing {one.missing}, unknown {one.unknown}")
    return ", ".join(words)
