"""The staff pages on fakes, with real templates, and browsers of members who sign in."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace

from starlette.testclient import TestClient

from secure_mail.application.apps import StaffApp
from secure_mail.application.casework.add_note import AddNote
from secure_mail.application.casework.close_case import CloseCase, ReopenCase
from secure_mail.application.casework.held import ListHeld, RefuseHeld, ReleaseHeld, ShowHeld
from secure_mail.application.casework.list_queues import ListQueues
from secure_mail.application.casework.members import ConfirmReset, ListMembers, SettleGrant
from secure_mail.application.casework.open_attachment import OpenAttachment
from secure_mail.application.casework.send_reply import SendReply
from secure_mail.application.casework.set_up_account import (
    ChoosePassword,
    FinishSetUp,
    LookAtSetUp,
    ShowTotp,
)
from secure_mail.application.casework.show_case import ListColleagues, ShowCase
from secure_mail.application.casework.show_queue import ShowQueue
from secure_mail.application.casework.sign_in import (
    SetLanguage,
    SignIn,
    SignOut,
    WhoAmI,
    stand_in,
)
from secure_mail.application.casework.take_case import AssignCase, TakeCase, TakeNext
from secure_mail.application.casework.transfer_case import TransferCase
from secure_mail.application.links.end_links import EndLinks
from secure_mail.application.partners.read_passports import ReadPassports
from secure_mail.application.upkeep.staff_accounts import StaffAccounts
from secure_mail.domain.sealing import STAFF, Purpose
from secure_mail.interfaces.web.config import WebConfig
from secure_mail.interfaces.web.pool import ThreadPool
from secure_mail.interfaces.web.staff.app import create_staff
from tests.fakes.people import STEP, PlainPasswords, PlainTotp
from tests.unit.texts_setup import BASE_URL, pages, texts
from tests.usecase.casework_world import Casework
from tests.web_world import field

PASSWORD = "a long sentence is good"


class StaffWeb(Casework):
    """`browser(member)` is signed in; every POST of `post` carries the session's token."""

    def __init__(self, threads: Executor):
        super().__init__()
        self.passwords, self.totp = PlainPasswords(), PlainTotp()
        self.accounts = StaffAccounts(units=self.units, clock=self.clock, ids=self.ids)
        self.app = self._app()
        self.pool = ThreadPool(threads)
        self.site = self.served()

    def served(self, **instead):
        """The pages, with other use cases in place of the app's own."""
        web = WebConfig(base_url=BASE_URL)
        return create_staff(replace(self.app, **instead), web, pages(), texts(), self.pool)

    def visitor(self, site=None, client=("192.0.2.7", 1)):
        """A browser without a session."""
        return TestClient(
            site or self.site,
            base_url=BASE_URL,
            client=client,
            follow_redirects=False,
            raise_server_exceptions=False,
        )

    def account(self, who, language="en"):
        """Gives the member a password and an authenticator; their secret."""
        secret = self.totp.new_secret()
        with self.units() as uow:
            member = uow.staff.get(who.id)
            uow.staff.save(
                replace(
                    member,
                    language=language,
                    password_hash=self.passwords.hash(PASSWORD),
                    totp=self.sealer.seal_value(secret.encode(), STAFF, Purpose.TOTP, who.id),
                )
            )
            uow.commit()
        return secret

    def code(self, secret):
        """The code of a new step."""
        self.later(seconds=STEP)
        return self.totp.code(secret, self.clock.now())

    def browser(self, who, language="en", site=None):
        browser = self.visitor(site)
        typed = {"email": who.email, "password": PASSWORD}
        code = self.code(self.account(who, language))
        answer = browser.post("/staff/sign-in", data={**typed, "code": code})
        assert (answer.status_code, answer.headers["location"]) == (303, "/staff/")
        return browser

    def _app(self):
        acts = {"units": self.units, "trail": self.trail}
        at = {"units": self.units, "clock": self.clock}
        proof = {"opener": self.staff_keys, "totp": self.totp}
        sealing = {"rules": self.rules, "sealer": self.sealer}
        made = {"clock": self.clock, "ids": self.ids}
        return StaffApp(
            clock=self.clock,
            rules=self.rules,
            calendar=self.calendar,
            sign_in=SignIn(
                **at,
                **proof,
                ids=self.ids,
                passwords=self.passwords,
                stand_in=stand_in(self.sealer, PlainTotp()),
            ),
            sign_out=SignOut(**at),
            who_am_i=WhoAmI(**at),
            set_language=SetLanguage(units=self.units),
            look_at_set_up=LookAtSetUp(**at),
            choose_password=ChoosePassword(
                **at, sealer=self.sealer, passwords=self.passwords, totp=self.totp
            ),
            show_totp=ShowTotp(**at, **proof, issuer="Kela"),
            finish_set_up=FinishSetUp(**at, **proof, ids=self.ids),
            totp_image=lambda address: f"<svg>{len(address)}</svg>",
            list_queues=ListQueues(**at, rules=self.rules, calendar=self.calendar),
            show_queue=ShowQueue(units=self.units, opening=self.opening, index=self.index),
            show_case=ShowCase(**acts, opening=self.opening),
            list_colleagues=ListColleagues(units=self.units),
            open_attachment=OpenAttachment(**acts, opening=self.opening),
            take_case=TakeCase(**acts),
            take_next=TakeNext(**acts),
            assign_case=AssignCase(**acts),
            add_note=AddNote(**acts, **sealing, **made),
            send_reply=SendReply(
                **acts, **sealing, **made, opening=self.opening, make_part=self.make_part
            ),
            transfer_case=TransferCase(
                **acts,
                **sealing,
                calendar=self.calendar,
                opener=self.staff_keys,
                opening=self.opening,
            ),
            close_case=CloseCase(**acts, clock=self.clock),
            reopen_case=ReopenCase(**acts),
            end_links=EndLinks(**at, ids=self.ids, **sealing),
            list_held=ListHeld(units=self.units),
            show_held=ShowHeld(**acts, opening=self.opening),
            release_held=ReleaseHeld(
                **acts,
                clock=self.clock,
                rules=self.rules,
                opener=self.staff_keys,
                sealer=self.sealer,
            ),
            refuse_held=RefuseHeld(**acts, clock=self.clock),
            list_members=ListMembers(units=self.units),
            settle_grant=SettleGrant(**acts, clock=self.clock),
            confirm_reset=ConfirmReset(**acts),
            passports=ReadPassports(**at, calendar=self.calendar),
        )


def token(browser):
    """The hidden field of the session's forms."""
    return field(browser.get("/staff/account"), "csrf")


def post(browser, url, **fields):
    return browser.post(url, data={"csrf": token(browser), **fields})


def led(answer):
    """Where a change leads."""
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]
