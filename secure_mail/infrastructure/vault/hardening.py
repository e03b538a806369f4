"""What a process with private keys does before it reads them."""

from __future__ import annotations

import ctypes
import resource
import sys

from secure_mail.application.ports.safety import SafetyError

_PR_SET_DUMPABLE = 4


def harden() -> None:
    """No core dumps, and no other process of the same user may look into this one (prctl(2)).

    Python cannot wipe memory; this keeps it from being copied out. Raises SafetyError.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux" and ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise SafetyError("memory stays readable", "prctl(PR_SET_DUMPABLE)", "Allow it")
