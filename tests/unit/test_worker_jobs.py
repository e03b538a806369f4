"""What becomes of a job that fails: whose fault it was decides how long it is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from secure_mail.application.ports.blobs import BlobsUnavailableError
from secure_mail.application.ports.mail import MailRefusedError, MailTemporaryError
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
        self.another_try = True
        self.send_link = self.send_notice = self.process_message = self._work

    def _work(self, _claim: Claim) -> None:
        self.acts.append("work")
        if self._error:
            raise self._error

    def hold_unprocessed(self, _claim: Claim) -> None:
        self.acts.append("hold")

    def retry_job(self, _claim: Claim, cause: str) -> bool:
        self.acts.append(f"retry after {cause}")
        return self.another_try


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


def test_a_mail_is_never_held_and_a_fenced_job_is_left_alone() -> None:
    assert acts(ValueError(), 99, JobKind.SEND_LINK) == ["work", "retry after ValueError"]
    assert acts(FencedError(), MAX_ATTEMPTS) == ["work"]


def test_a_mail_that_was_refused_is_an_alarm_and_not_tried_again() -> None:
    with capture_logs() as logs:
        assert acts(MailRefusedError("550"), 1, JobKind.SEND_NOTICE) == ["work"]
    assert [(line["event"], line["log_level"], line["kind"]) for line in logs] == [
        ("mail.refused", "error", JobKind.SEND_NOTICE)
    ]


def test_a_mail_that_is_given_up_is_an_alarm() -> None:
    jobs = Jobs(MailTemporaryError("OSError"))
    jobs.another_try = False
    claim = Claim(OutboxId(UUID(int=1)), JobKind.SEND_LINK, UUID(int=2), 17)
    with capture_logs() as logs:
        run_job(cast("WorkerApp", jobs), claim)
    assert [(line["event"], line["log_level"]) for line in logs] == [
        ("job.failed", "warning"),
        ("mail.given-up", "error"),
    ]
    assert logs[-1]["error"] == "MailTemporaryError"
