"""Which loads, how many rounds, and the targets they are held to (P1 to P7)."""

from __future__ import annotations

from dataclasses import dataclass

from bench.client import with_smtp_source
from bench.load.job import Job
from bench.rounds import Case
from bench.verdicts import Measure, Target

OURS, POSTFIX, STOCK = "secure-mail", "postfix", "aiosmtpd"
TWICE = "secure-mail × 2"
"""Two processes on one port, as the manual has them where one core is not enough; no target."""
MIB = 1024 * 1024

RELAYED: dict[str, object] = {"SMTP_REQUIRE_TLS": "false", "SMTP_TRUSTED_RELAYS": "127.0.0.1/32"}
"""Without TLS no partner is believed, so plain letters come from a trusted relay in front."""
LARGE_SIZE = 100 * MIB
LARGE_SETTINGS = {**RELAYED, "SMTP_MAX_SIZE": str(LARGE_SIZE + MIB)}

THIRD = 1 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A full run, or one that takes about a minute."""

    quick: bool
    rounds: int
    scale: float
    """Of the letters of a round."""
    idle_sessions: int

    def letters(self, full: int) -> int:
        return int(full * self.scale)

    @property
    def cases(self) -> dict[str, Case]:
        """By name, in the order in which they run."""
        every = [
            Case(
                name="P1",
                words="4 KiB, 20 sessions × 10 letters, plain",
                job=Job(sessions=20, each=10, messages=self.letters(1000)),
            ),
            Case(
                name="P1s",
                words="4 KiB, 20 sessions, a connection per letter, plain, by smtp-source",
                job=Job(sessions=20, messages=self.letters(600)),
                client=with_smtp_source,
            ),
            Case(
                name="P2",
                words="4 KiB, 50 sessions × 10 letters, plain",
                job=Job(sessions=50, each=10, messages=self.letters(1000)),
            ),
            Case(
                name="P3h",
                words="4 KiB, 20 sessions, a STARTTLS handshake per letter",
                job=Job(sessions=20, each=1, messages=self.letters(300), tls=True),
            ),
            Case(
                name="P3r",
                words="4 KiB, 20 sessions × 10 letters, STARTTLS",
                job=Job(sessions=20, each=10, messages=self.letters(800), tls=True),
            ),
            Case(
                name="P4",
                words="100 KB, 20 sessions × 5 letters, plain",
                job=Job(sessions=20, each=5, messages=self.letters(200), size=100_000),
            ),
        ]
        return {case.name: case for case in every}

    @property
    def idle(self) -> Job:
        return Job(tls=True, idle=True, sessions=self.idle_sessions)

    @property
    def large(self) -> Job:
        return Job(run="large", sessions=8, each=1, messages=8, size=LARGE_SIZE)

    @property
    def kill(self) -> Job:
        return Job(run="kill", sessions=20, each=10, messages=self.letters(2000))


FULL = Plan(quick=False, rounds=5, scale=1.0, idle_sessions=400)
QUICK = Plan(quick=True, rounds=3, scale=0.2, idle_sessions=100)

TARGETS = (
    Target(
        number="P1",
        words="durable, sealed accept of 4 KiB, 20 sessions × 10",
        case="P1",
        measure=Measure.RATE,
        against=POSTFIX,
        bound=2.0,
        every=1.0,
    ),
    Target(
        number="P2",
        words="the same at 50 sessions",
        case="P2",
        measure=Measure.RATE,
        against=POSTFIX,
        bound=3.0,
    ),
    Target(
        number="P3",
        words="STARTTLS, a handshake per letter",
        case="P3h",
        measure=Measure.RATE,
        against=POSTFIX,
        bound=1.0,
    ),
    Target(
        number="P3",
        words="STARTTLS, sessions reused",
        case="P3r",
        measure=Measure.RATE,
        against=POSTFIX,
        bound=1.5,
    ),
    Target(
        number="P4",
        words="letters of 100 KB",
        case="P4",
        measure=Measure.RATE,
        against=POSTFIX,
        bound=1.0,
    ),
    Target(
        number="P5",
        words="CPU per accepted letter",
        case="P1",
        measure=Measure.CPU,
        against=POSTFIX,
        bound=THIRD,
    ),
    Target(
        number="P5",
        words="CPU per accepted letter, the same storage",
        case="P1",
        measure=Measure.CPU,
        against=STOCK,
        bound=THIRD,
    ),
    Target(
        number="P6",
        words="wait for the last reply, p50",
        case="P1",
        measure=Measure.P50,
        against=POSTFIX,
        bound=0.5,
    ),
    Target(
        number="P6",
        words="wait for the last reply, p99",
        case="P1",
        measure=Measure.P99,
        against=POSTFIX,
        bound=1.0,
    ),
)
IDLE_KIB = 40
LARGE_MIB = 60
