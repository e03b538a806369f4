"""What becomes of a job that fails: whose fault it was decides how long it is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from uuid import UUID

import pytest

from secure_mail.application.ports.blobs import BlobsUnavailableError
from secure_mail.application.ports.store import StoreDownError
from secure_mail.domain.ids import OutboxId
from secure_mail.domain.work import MAX_ATTEMPTS, MOST_ATTEMPTS, Claim, FencedError, JobKind
from secure_mail.interfaces.worker.actors import run_job

if TYPE_CHECKING:
    from secure_mail.application.apps import WorkerApp


class Jobs:
    """Use cases that fail as told, and what was done about it."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self.acts: list[str] = []
        self.send_link = self.process_message = self._work

    def _work(self, _claim: Claim) -> None:
        self.acts.append("work")
        if self._error:
            raise self._error

    def hold_unprocessed(self, _claim: Claim) -> None:
        self.acts.append("hold")

    def retry_job(self, _claim: Claim, cause: str) -> None:
        self.acts.append(f"retry after {cause}")


def acts(
    error: Exception | None, attempt: int, kind: JobKind = JobKind.PROCESS_MESSAGE
) -> list[str]:
    jobs = Jobs(error)
    run_job(cast("WorkerApp", jobs), Claim(OutboxId(UUID(int=1)), kind, UUID(int=2), attempt))
    return jobs.acts


def test_a_message_is_held_at_its_third_failure() -> None:
    assert acts(ValueError(), MAX_ATTEMPTS - 1) == ["work", "retry after ValueError"]
    assert acts(ValueError(), MAX_ATTEMPTS) == ["work", "hold"]


@pytest.mark.parametrize("error", [StoreDownError(), BlobsUnavailableError()])
def test_a_store_that_is_away_for_a_while_holds_no_message(error: Exception) -> None:
    assert acts(error, MAX_ATTEMPTS) == ["work", f"retry after {type(error).__name__}"]
    assert acts(error, MOST_ATTEMPTS) == ["work", "hold"]


def test_a_message_that_kills_its_worker_is_held_without_another_try() -> None:
    """The worker that dies reports nothing: only the number of its claims tells."""
    assert acts(None, MOST_ATTEMPTS) == ["work"]
    assert acts(None, MOST_ATTEMPTS + 1) == ["hold"]


def test_a_mail_is_tried_for_ever_and_a_fenced_job_is_left_alone() -> None:
    assert acts(ValueError(), 99, JobKind.SEND_LINK) == ["work", "retry after ValueError"]
    assert acts(FencedError(), MAX_ATTEMPTS) == ["work"]
