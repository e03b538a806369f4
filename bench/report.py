"""What a run found, as JSON for machines and as a page of tables for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from bench.figures import Spread
from bench.machine import Machine
from bench.plan import OURS, Plan
from bench.rounds import Case
from bench.verdicts import Measure, Round, Verdict

MIB = 1024 * 1024
COLUMNS = (
    "server",
    "letters/s",
    "× ours to it",
    "CPU ms/letter",
    "p50 ms",
    "p99 ms",
    "memory MiB",
    "errors",
)


@dataclass(kw_only=True)
class Report:
    """Filled while the run goes on."""

    plan: Plan
    machine: Machine
    begun: datetime
    rounds: int
    cases: dict[str, dict[str, list[Round]]] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)
    """Figures of the memory cases and of peers that have no target of their own."""
    seconds: float = 0.0

    def as_json(self) -> str:
        return json.dumps(
            {
                "date": self.begun.date().isoformat(),
                "quick": self.plan.quick,
                "rounds": self.rounds,
                "machine": asdict(self.machine),
                "seconds": round(self.seconds),
                "verdicts": [asdict(verdict) for verdict in self.verdicts],
                "facts": self.facts,
                "cases": {
                    name: {
                        server: [asdict(one) for one in rounds] for server, rounds in found.items()
                    }
                    for name, found in self.cases.items()
                },
            },
            indent=1,
        )

    def as_markdown(self) -> str:
        kind = "Quick run (indicative only)" if self.plan.quick else "Run"
        return "\n".join(
            [
                f"# {kind} of {self.begun.date().isoformat()}",
                "",
                f"{self.machine.line}. {self.rounds} paired rounds, {self.seconds:.0f} s.",
                "",
                "Ratios are of the same round, ours to the peer's: least / median / most.",
                "Absolute figures mean nothing on another machine.",
                "",
                *_verdicts(self.verdicts),
                *(
                    line
                    for name, case in self.plan.cases.items()
                    if name in self.cases
                    for line in _case(case, self.cases[name])
                ),
                *_facts(self.facts),
            ]
        )

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Both files; a run of the same day on a machine of the same kind is written over."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = folder / f"{name}.json", folder / f"{name}.md"
        paths[0].write_text(self.as_json() + "\n", encoding="utf-8")
        paths[1].write_text(self.as_markdown() + "\n", encoding="utf-8")
        return paths


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [_row(*head), _row(*("---" for _ in head)), *(_row(*row) for row in rows), ""]


def _verdicts(verdicts: Sequence[Verdict]) -> list[str]:
    rows = [
        (
            one.number,
            one.words,
            one.bound or "–",
            _spread(one.ratio, 2) if one.ratio else "–",
            f"**{one.word}**" + (f": {one.why}" if one.why else ""),
        )
        for one in verdicts
    ]
    return _table(("#", "what", "bound", "measured", "verdict"), rows)


def _case(case: Case, found: Mapping[str, Sequence[Round]]) -> list[str]:
    ours = found.get(OURS, ())
    rows = [_server(name, rounds, ours) for name, rounds in found.items() if rounds]
    others = Spread.of([one.others for rounds in found.values() for one in rounds])
    client = Spread.of([one.client for rounds in found.values() for one in rounds])
    noise = (
        f"Others on the machine used {_spread(others, 2)} cores meanwhile; "
        f"the load client {_spread(client, 2)} of one."
    )
    return [f"## {case.name}: {case.words}", "", *_table(COLUMNS, rows), noise, ""]


def _server(name: str, rounds: Sequence[Round], ours: Sequence[Round]) -> tuple[str, ...]:
    ratios = [mine.rate / one.rate for mine, one in zip(ours, rounds, strict=False) if one.rate > 0]
    return (
        name,
        _figure(rounds, Measure.RATE, 0),
        _spread(Spread.of(ratios), 2) if ratios and name != OURS else "–",
        _figure(rounds, Measure.CPU, 2),
        _figure(rounds, Measure.P50, 1),
        _figure(rounds, Measure.P99, 1),
        f"{max(one.memory for one in rounds) / MIB:.0f}",
        str(sum(len(one.errors) + one.missing + one.unknown for one in rounds)),
    )


def _figure(rounds: Sequence[Round], measure: Measure, digits: int) -> str:
    values = [value for one in rounds if (value := one.value(measure)) is not None]
    return _spread(Spread.of(values), digits) if values else "–"


def _spread(spread: Spread, digits: int) -> str:
    return " / ".join(f"{value:.{digits}f}" for value in (spread.least, spread.median, spread.most))


def _facts(facts: Mapping[str, object]) -> list[str]:
    if not facts:
        return []
    rows = [(name, str(value)) for name, value in facts.items()]
    return ["## Further figures", "", *_table(("what", "figure"), rows)]
