"""A part of ShowAnswer: the state of a case's answer."""

from __future__ import annotations

from dataclasses import replace

from secure_mail.application.ports.store import UnitOfWork
from secure_mail.domain.cases import AnswerState
from secure_mail.domain.ids import CaseId


def mark_answer(uow: UnitOfWork, case_id: CaseId, answer: AnswerState) -> None:
    """Sets it whatever version the case has: a clerk's change in that moment must not lose it."""
    for _ in range(5):
        case = uow.cases.get(case_id)
        if case is None or uow.cases.save(replace(case, answer=answer, version=case.version + 1)):
            return
