"""The apps without keys: what happens by the clock, and what the operator commands."""

from __future__ import annotations

from functools import partial

from secure_mail.application.apps import OperatorApp, SchedulerApp
from secure_mail.application.partners.add_partner import AddPartner
from secure_mail.application.partners.list_partners import ListPartners
from secure_mail.application.partners.read_passports import ReadPassports
from secure_mail.application.partners.registering import Registrar
from secure_mail.application.partners.renew_partner import RenewPartner
from secure_mail.application.partners.resume_partner import ResumePartner
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
from secure_mail.bootstrap.partner_warnings import partner_warnings
from secure_mail.bootstrap.parts import Parts
from secure_mail.infrastructure.vault.certificates import X509Certificates


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
    registrar = Registrar(
        clock=clock,
        calendar=parts.calendar,
        certificates=X509Certificates(),
        loopback_is_exclusive=parts.settings.demo,
    )
    return OperatorApp(
        rules=parts.rules,
        add_partner=AddPartner(units=units, ids=ids, registrar=registrar),
        list_partners=ListPartners(units=units),
        suspend_partner=SuspendPartner(units=units, clock=clock, ids=ids),
        resume_partner=ResumePartner(units=units, ids=ids, registrar=registrar),
        renew_partner=RenewPartner(units=units, ids=ids, registrar=registrar),
        passports=ReadPassports(units=units, clock=clock, calendar=parts.calendar),
        partner_warnings=partial(partner_warnings, parts.settings),
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
