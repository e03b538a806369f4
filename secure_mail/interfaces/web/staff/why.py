"""Why a message is where it is: a sentence for everyone, each step for those who check rules."""

from __future__ import annotations

import json

from secure_mail.domain.access import Role, StaffIdentity
from secure_mail.domain.authentication import Method, Reason
from secure_mail.domain.messages import Message
from secure_mail.domain.partners import Check
from secure_mail.domain.routing.evaluate import RELEASED, TABLE
from secure_mail.domain.routing.trace import STATION
from secure_mail.interfaces.web.staff.desk import Desk

_METHODS = {Method.SMIME.value: "S/MIME"}
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
            if line["fact"] != "rule" and line["rule"] != STATION
        ]
    return told


def findings(desk: Desk, message: Message, language: str) -> list[str]:
    """What was found out about the sender before any rule was asked, a sentence each."""
    lines = json.loads(message.trace) if message.trace else []
    return [_finding(desk, line, language) for line in lines if line["rule"] == STATION]


def check_name(desk: Desk, check: str, language: str) -> str:
    """A partner's check in words; one that this version does not know as it is."""
    known = check in set(Check)
    return desk.texts.line(f"proof.{check}", language) if known else check


def sentence(desk: Desk, rule: str, language: str) -> str:
    """The rule's title; its id when the rules in force do not have it."""
    if rule == RELEASED:
        return desk.texts.line("why.released", language)
    if rule.startswith(TABLE):
        return desk.texts.line("why.table", language, row=rule.removeprefix(TABLE))
    found = desk.book.rule(rule)
    return found.title[language] if found else rule


def _finding(desk: Desk, line: dict[str, object], language: str) -> str:
    fact, reason = str(line["fact"]), str(line["operand"] or "")
    if line["op"] != "found":
        name = check_name(desk, fact, language)
        said = "held" if line["result"] else "missed"
        return desk.texts.line(f"proof.{said}", language, check=name[:1].upper() + name[1:])
    method = _METHODS.get(fact, fact.upper())
    result = desk.texts.line(f"auth.result.{line['seen']}", language)
    why = desk.texts.line(f"auth.reason.{reason}", language) if reason in set(Reason) else ""
    return f"{method}: {result}. {why}" if why else f"{method}: {result}"


def _step(line: dict[str, object]) -> str:
    """`benefit-recovery: mailbox eq "x" [x] = true`, as the rules file spells it."""
    asked = json.dumps(line["operand"], ensure_ascii=False)
    seen = json.dumps(line["seen"], ensure_ascii=False)
    result = "true" if line["result"] else "false"
    return f"{line['rule']}: {line['fact']} {line['op']} {asked} [{seen}] = {result}"
