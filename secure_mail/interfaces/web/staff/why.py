"""Why a message is where it is: a sentence for everyone, each step for those who check rules."""

from __future__ import annotations

import json

from secure_mail.domain.access import Role, StaffIdentity
from secure_mail.domain.messages import Message
from secure_mail.domain.routing.evaluate import RELEASED, TABLE
from secure_mail.interfaces.web.staff.desk import Desk

_CHECKERS = (Role.SUPERVISOR, Role.AUDITOR)


def reasons(
    desk: Desk, who: StaffIdentity, message: Message, language: str
) -> list[dict[str, object]]:
    """`rule`, `sentence`, `matched`: the rules that held, then (for checkers) every `step`."""
    lines = json.loads(message.trace) if message.trace else []
    held = [line["rule"] for line in lines if line["fact"] == "rule" and line["result"]]
    rules = dict.fromkeys([*([message.rule] if message.rule else []), *held])
    told: list[dict[str, object]] = [
        {"rule": rule, "sentence": sentence(desk, rule, language), "matched": True, "step": False}
        for rule in rules
    ]
    if any(role in _CHECKERS for role, _ in who.grants):
        told += [
            {
                "rule": line["rule"],
                "sentence": _step(line),
                "matched": bool(line["result"]),
                "step": True,
            }
            for line in lines
            if line["fact"] != "rule"
        ]
    return told


def sentence(desk: Desk, rule: str, language: str) -> str:
    """The rule's title; its id when the rules in force do not have it."""
    if rule == RELEASED:
        return desk.texts.line("why.released", language)
    if rule.startswith(TABLE):
        return desk.texts.line("why.table", language, row=rule.removeprefix(TABLE))
    found = desk.book.rule(rule)
    return found.title[language] if found else rule


def _step(line: dict[str, object]) -> str:
    """`benefit-recovery: mailbox eq "x" [x] = true`, as the rules file spells it."""
    asked = json.dumps(line["operand"], ensure_ascii=False)
    seen = json.dumps(line["seen"], ensure_ascii=False)
    result = "true" if line["result"] else "false"
    return f"{line['rule']}: {line['fact']} {line['op']} {asked} [{seen}] = {result}"
