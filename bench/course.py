"""One whole run: each case with its contestants, then memory, then honesty, then the verdicts."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from bench import honesty, memory, rounds
from bench.client import smtp_source_installed
from bench.peers import postfix
from bench.peers.ours import Ours, Prepared
from bench.peers.postfix import PostfixHold
from bench.peers.stock import Stock
from bench.plan import (
    IDLE_KIB,
    LARGE_MIB,
    LARGE_SETTINGS,
    OURS,
    RELAYED,
    TARGETS,
    TWICE,
)
from bench.report import Report
from bench.rounds import Case, Contestant
from bench.verdicts import Round, Verdict, Word, bounded, judged, voided

KIB, MIB = 1024, 1024 * 1024
WITH_STOCK = frozenset({"P1"})
"""Cases in which stock aiosmtpd has a target."""
CROWD: dict[str, object] = {"SMTP_MAX_CONNECTIONS_PER_ADDRESS": "1000"}


@dataclass
class Course:
    """`run` fills the report."""

    report: Report
    folder: Path
    only: frozenset[str]
    tell: rounds.Tell
    searched: list[Path] = field(default_factory=list)
    """Folders in which nothing may lie in the clear."""
    verdicts: list[Verdict] = field(default_factory=list)
    honesty: list[Verdict] = field(default_factory=list)

    def run(self) -> None:
        for name, case in self.report.plan.cases.items():
            if self._wanted(name) and (found := self._case(case)):
                self.report.cases[name] = found
        self._judge()
        if self._wanted("P7"):
            self._memory()
        if self._wanted("kill"):
            self._kill()
        if self.searched:
            self.honesty.append(honesty.canary(self.searched, self.folder / "control"))
        self.report.verdicts = voided(self.verdicts, self.honesty)

    def _wanted(self, name: str) -> bool:
        return not self.only or name in self.only

    @cached_property
    def _prepared(self) -> Prepared:
        self.tell("keys, tables, one partner")
        return Prepared.make(self.folder / "prepared")

    def _ours(self, place: str, settings: Mapping[str, object]) -> Ours:
        server = Ours(self._prepared, self.folder / place, dict(settings))
        self.searched.append(server.scratch)
        return server

    def _stock(self, place: str, settings: Mapping[str, object]) -> Stock:
        return Stock(self._prepared, self.folder / place, dict(settings))

    def _case(self, case: Case) -> dict[str, list[Round]]:
        settings = {} if case.job.tls else RELAYED
        twice = self._ours(f"{case.name}-twice", settings)
        twice.name, twice.processes = TWICE, 2
        contestants: list[Contestant] = [self._ours(f"{case.name}-ours", settings), twice]
        if postfix.installed():
            place = self.folder / f"{case.name}-postfix"
            contestants.append(PostfixHold(place, self._prepared.certificate, self._prepared.key))
        if case.name in WITH_STOCK:
            contestants.append(self._stock(f"{case.name}-stock", settings))
        if case.name == "P1s" and not smtp_source_installed():
            return {}
        return rounds.run(case, contestants, self.report.rounds, self.tell)

    def _judge(self) -> None:
        for target in TARGETS:
            if target.case in self.report.cases:
                found = self.report.cases[target.case]
                self.verdicts.append(judged(target, found, OURS))

    def _memory(self) -> None:
        job, facts = self.report.plan.idle, self.report.facts
        for server in (self._ours("idle", CROWD), self._stock("idle-stock", CROWD)):
            server.settings["SMTP_MAX_CONNECTIONS"] = job.sessions + 20
            held = memory.idle(server, job)
            told = f"{held.each / KIB:.1f} KiB ({held.sessions} sessions)"
            self.tell(f"P7 idle {server.name}: {told}")
            facts[f"idle TLS session, {server.name}"] = told
            if server.name == OURS:
                words = "memory of an idle TLS session"
                found = bounded("P7", words, held.each / KIB, IDLE_KIB, "KiB")
                self._add(found, held.errors, whole=held.sessions == job.sessions)
        if not self.report.plan.quick:
            self._large()

    def _large(self) -> None:
        server = self._ours("large", LARGE_SETTINGS)
        held = memory.large(server, self.report.plan.large)
        words = f"{held.letters} letters of {held.size // MIB} MiB at once, above idle"
        told = f"{held.above_idle / MIB:.0f} MiB in {held.seconds:.1f} s"
        self.tell(f"P7 {words}: {told}")
        self.report.facts[words] = told
        found = bounded("P7", words, held.above_idle / MIB, LARGE_MIB, "MiB")
        self._add(found, held.errors, whole=not held.missing)
        # Nearly a gigabyte; the search for the canary is over the rest.
        self._search_now(server)

    def _search_now(self, server: Ours) -> None:
        found = honesty.in_the_clear([server.scratch])
        if found:
            raise RuntimeError(f"in the clear: {found[0].name}")
        self.searched.remove(server.scratch)
        shutil.rmtree(server.scratch)

    def _add(self, verdict: Verdict, errors: tuple[str, ...], *, whole: bool) -> None:
        if errors or not whole:
            why = f"errors: {errors[0]}" if errors else "not all of it was there"
            verdict = replace(verdict, word=Word.NONE, why=why)
        self.verdicts.append(verdict)

    def _kill(self) -> None:
        server = self._ours("kill", RELAYED)
        found = honesty.kill_amid(server, self.report.plan.kill)
        self.tell(f"kill: {found.verdict.why}")
        self.honesty.append(found.verdict)
