"""What the load client is asked to do."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One load: so many letters, over so many sessions at once."""

    port: int = 0
    run: str = ""
    host: str = "127.0.0.1"
    sender: str = "desk@institution.example"
    recipient: str = "velkajarjestelyt@kela.fi"
    sessions: int = 20
    messages: int = 0
    each: int = 10
    """Letters per connection."""
    size: int = 4096
    tls: bool = False
    idle: bool = False
    """Sessions are opened and held; no letter is sent."""

    def at(self, port: int) -> Job:
        """The same, for the server that listens there."""
        return replace(self, port=port)
