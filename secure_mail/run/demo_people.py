"""Sample staff and partners of the demo; the staff account is set up as a person would."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta

from secure_mail.application.apps import OperatorApp, StaffApp
from secure_mail.application.ports.safety import SafetyError
from secure_mail.application.ports.store import ConflictError
from secure_mail.bootstrap.parts import Parts
from secure_mail.bootstrap.staff import staff_app
from secure_mail.bootstrap.upkeep import operator_app
from secure_mail.domain.access import Role, StaffIdentity, StaffMember
from secure_mail.domain.ids import QueueName
from secure_mail.domain.partners import Check, NewPartner
from secure_mail.infrastructure.sign_in.totp import AuthenticatorCodes
from secure_mail.run.demo_record import DemoRecord

SUPERVISOR = ("supervisor@staff.example", "Sample Supervisor")
CLERK = ("clerk@staff.example", "Sample Clerk")
PARTNERS = {
    "Sample District Court": "court.example",
    "Sample Debt Counselling": "counselling.example",
    "Sample Institution Abroad": "institution.example",
}
STEP = timedelta(seconds=30)


def add_people(parts: Parts, record: DemoRecord) -> DemoRecord:
    """The record with the supervisor's sign-in; a folder that has one keeps it."""
    if record.password:
        return record
    operator, staff = operator_app(parts), staff_app(parts)
    queues = tuple(queue.name for queue in parts.book.queues.values())
    password = secrets.token_urlsafe(12)
    try:
        invitation = operator.staff.init(*SUPERVISOR, queues)
    except ConflictError:
        raise SafetyError(
            "the demo's set-up was interrupted",
            str(parts.settings.data_dir),
            "Forget it with make demo-clean and start again",
        ) from None
    secret = _set_up(parts, staff, invitation.token, password)
    acting = _acting(invitation.member, queues)
    staff.set_language(acting, "en")
    _add_clerk(parts, operator, staff, acting)
    for name, domain in PARTNERS.items():
        _add_partner(operator, name, domain)
    known = replace(record, email=SUPERVISOR[0], password=password, totp_secret=secret)
    known.keep(parts.settings.data_dir)
    return known


def _set_up(parts: Parts, staff: StaffApp, token: str, password: str) -> str:
    """Chooses the password, proves the authenticator; the code of the step before is used up,
    so that the present one can be typed in at once.
    """
    secret = staff.choose_password(token, password)
    code = AuthenticatorCodes().code(secret, parts.clock.now() - STEP)
    staff.finish_set_up(token, code)
    return secret


def _acting(supervisor: StaffMember, queues: tuple[QueueName, ...]) -> StaffIdentity:
    """The supervisor, as a session would know them."""
    return StaffIdentity(
        id=supervisor.id,
        name=supervisor.name,
        email=supervisor.email,
        language=supervisor.language,
        grants=tuple((Role.SUPERVISOR, queue) for queue in queues),
    )


def _add_clerk(
    parts: Parts, operator: OperatorApp, staff: StaffApp, supervisor: StaffIdentity
) -> None:
    """A colleague whose grants the supervisor confirms, as on the members page."""
    invitation = operator.staff.add(*CLERK, Role.CASEWORKER, supervisor.queues[:4])
    _set_up(parts, staff, invitation.token, secrets.token_urlsafe(12))
    for grant in staff.list_members(supervisor).pending:
        staff.settle_grant(supervisor, grant.id, confirm=True)


def _add_partner(operator: OperatorApp, name: str, domain: str) -> None:
    try:
        operator.add_partner(
            NewPartner(
                name=name,
                domains=(domain,),
                require=(Check.TLS, Check.NETWORK),
                networks=("127.0.0.0/8",),
                exclusive=True,
            ),
            "operator",
        )
    except ConflictError:
        # An earlier start was interrupted after this one.
        return
