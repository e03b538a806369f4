"""The apps without keys: what happens by the clock, and what the operator commands."""

from __future__ import annotations

from secure_mail.application.apps import OperatorApp, SchedulerApp
from secure_mail.application.partners.add_partner import AddPartner
from secure_mail.application.partners.list_partners import ListPartners
from secure_mail.application.partners.suspend_partner import SuspendPartner
from secure_mail.application.upkeep.listings import (
    CountQueues,
    ListCases,
    ListMessages,
    ShowCaseRecord,
    VerifyLedger,
)
from secure_mail.application.upkeep.return_unread import ReturnUnread
from secure_mail.application.upkeep.service_notices import ServiceNotices
from secure_mail.application.upkeep.staff_accounts import StaffAccounts
from secure_mail.application.upkeep.sweep import Sweep
from secure_mail.bootstrap.parts import Parts


def scheduler_app(parts: Parts) -> SchedulerApp:
    """What happens by the clock; needs no key."""
    units, clock, ids = parts.units, parts.clock, parts.ids
    return SchedulerApp(
        sweep=Sweep(units=units, clock=clock, ids=ids, blobs=parts.blobs),
        return_unread=ReturnUnread(units=units, clock=clock, ids=ids),
    )


def operator_app(parts: Parts) -> OperatorApp:
    """The commands; needs no key."""
    units, clock, ids = parts.units, parts.clock, parts.ids
    return OperatorApp(
        rules=parts.rules,
        add_partner=AddPartner(
            units=units, clock=clock, ids=ids, loopback_is_exclusive=parts.settings.demo
        ),
        list_partners=ListPartners(units=units),
        suspend_partner=SuspendPartner(units=units, clock=clock, ids=ids),
        staff=StaffAccounts(units=units, clock=clock, ids=ids),
        service_notices=ServiceNotices(units=units, clock=clock, ids=ids),
        count_queues=CountQueues(
            units=units, clock=clock, rules=parts.rules, calendar=parts.calendar
        ),
        list_cases=ListCases(units=units),
        show_case=ShowCaseRecord(units=units),
        list_messages=ListMessages(units=units),
        verify_ledger=VerifyLedger(units=units, clock=clock),
    )
