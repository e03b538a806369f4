"""aiosmtpd as it comes, over the same storage: sealed with our vault, durable, a commit each.

Judges nobody: what eligibility costs us it does not pay.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from bench.peers.ours import Ours


@dataclass
class Stock(Ours):
    """The same folder, settings and store; another process in front."""

    name: str = "aiosmtpd"
    words: tuple[str, ...] = (sys.executable, "-m", "bench.peers.stock_server")
