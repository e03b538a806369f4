"""The load client: a process of its own. `python -m bench.load` reads a job as JSON, tells as JSON.

It says `ready` when its letters are made, begins at the next line of its input, and ends with what
it saw. An idle job opens its sessions, says `ready`, and holds them until the next line.
"""

from __future__ import annotations

import asyncio
import gc
import json
import ssl
import sys
from contextlib import suppress
from time import perf_counter, process_time

import uvloop

from bench.load.job import Job
from bench.load.letters import letters
from bench.load.session import Lost, Tally, Way, Wire, opened, session


def main() -> None:
    """One job, one answer."""
    job = Job(**json.loads(sys.stdin.readline()))
    told = uvloop.run(_idle(job) if job.idle else _loaded(job))
    json.dump(told, sys.stdout)


def _way(job: Job) -> Way:
    tls = None
    if job.tls:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        tls.check_hostname = False
        tls.verify_mode = ssl.CERT_NONE
    return Way(job.host, job.port, job.sender, job.recipient, tls)


async def _loaded(job: Job) -> dict[str, object]:
    way = _way(job)
    made = letters(job.run, job.messages, job.size, job.sender, job.recipient)
    tally, waiting = Tally(), iter(made)
    gc.freeze()
    gc.disable()
    _say_ready()
    sys.stdin.readline()
    begun, used = perf_counter(), process_time()
    await asyncio.gather(*(session(way, waiting, job.each, tally) for _ in range(job.sessions)))
    seconds, used = perf_counter() - begun, process_time() - used
    if len(tally.acknowledged) < job.messages and not tally.errors:
        tally.errors.append("letters were left over")
    return {
        "seconds": seconds,
        "cpu": used,
        "waits": tally.waits,
        "errors": tally.errors,
        "digests": [letter.digest for letter in tally.acknowledged],
    }


async def _idle(job: Job) -> dict[str, object]:
    """Opens one after another: what is measured is the sessions, not a crowd at the door."""
    way, errors = _way(job), list[str]()
    wires: list[Wire] = []
    for _ in range(job.sessions):
        try:
            wires.append(await opened(way))
        except (Lost, OSError) as error:
            errors.append(f"{type(error).__name__}: {error}"[:200])
            break
    _say_ready()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    for wire in wires:
        with suppress(Lost, OSError):
            await wire.ask(b"QUIT\r\n", "2")
    return {"sessions": len(wires), "errors": errors}


def _say_ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
