"""Why a process must not start."""

from __future__ import annotations


class SafetyError(Exception):
    """A safety property is missing: one line for the operator, never content or key material.

    `what` is wrong, `where` it is wrong, `remedy` says what to do; `run` prints it and ends with 2.
    """

    def __init__(self, what: str, where: str, remedy: str) -> None:
        super().__init__(f"{what}: {where}. {remedy}.")
        self.fault = f"{what}: {where}"
        self.remedy = remedy
