"""The app of staff: case work, with the private keys of the queues."""

from __future__ import annotations

from secure_mail.application.apps import StaffApp
from secure_mail.application.casework.add_note import AddNote
from secure_mail.application.casework.close_case import CloseCase, ReopenCase
from secure_mail.application.casework.held import ListHeld, RefuseHeld, ReleaseHeld, ShowHeld
from secure_mail.application.casework.list_queues import ListQueues
from secure_mail.application.casework.members import ConfirmReset, ListMembers, SettleGrant
from secure_mail.application.casework.open_attachment import OpenAttachment
from secure_mail.application.casework.opening import Opening
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
from secure_mail.application.casework.trail import Trail
from secure_mail.application.casework.transfer_case import TransferCase
from secure_mail.application.links.end_links import EndLinks
from secure_mail.application.partners.read_passports import ReadPassports
from secure_mail.bootstrap.parts import Parts
from secure_mail.infrastructure.sign_in.passwords import Argon2Passwords
from secure_mail.infrastructure.sign_in.totp import AuthenticatorCodes
from secure_mail.infrastructure.vault.roles import KeyRole


def staff_app(parts: Parts) -> StaffApp:
    """Case work, with the private keys of the queues and the index key."""
    units, clock, ids, rules = parts.units, parts.clock, parts.ids, parts.rules
    keys, sealer, calendar = parts.keys.of(KeyRole.STAFF), parts.keys.sealer(), parts.calendar
    opener, passwords, totp = keys.opener(), Argon2Passwords(), AuthenticatorCodes()
    trail = Trail(clock=clock, ids=ids)
    opening = Opening(opener=opener, parts=parts.vault, blobs=parts.blobs)
    issuer = parts.book.organisation_words()["en"]["org_short"]
    return StaffApp(
        clock=clock,
        rules=rules,
        calendar=calendar,
        sign_in=SignIn(
            units=units,
            clock=clock,
            ids=ids,
            opener=opener,
            passwords=passwords,
            totp=totp,
            stand_in=stand_in(sealer, totp),
        ),
        sign_out=SignOut(units=units, clock=clock),
        who_am_i=WhoAmI(units=units, clock=clock),
        set_language=SetLanguage(units=units),
        look_at_set_up=LookAtSetUp(units=units, clock=clock),
        choose_password=ChoosePassword(
            units=units, clock=clock, sealer=sealer, passwords=passwords, totp=totp
        ),
        show_totp=ShowTotp(units=units, clock=clock, opener=opener, totp=totp, issuer=issuer),
        finish_set_up=FinishSetUp(units=units, clock=clock, ids=ids, opener=opener, totp=totp),
        totp_image=totp.image,
        list_queues=ListQueues(units=units, clock=clock, rules=rules, calendar=calendar),
        show_queue=ShowQueue(units=units, opening=opening, index=keys.blind_index()),
        show_case=ShowCase(units=units, opening=opening, trail=trail),
        list_colleagues=ListColleagues(units=units),
        open_attachment=OpenAttachment(units=units, opening=opening, trail=trail),
        take_case=TakeCase(units=units, trail=trail),
        take_next=TakeNext(units=units, trail=trail),
        assign_case=AssignCase(units=units, trail=trail),
        add_note=AddNote(
            units=units, clock=clock, ids=ids, rules=rules, sealer=sealer, trail=trail
        ),
        send_reply=SendReply(
            units=units,
            clock=clock,
            ids=ids,
            rules=rules,
            sealer=sealer,
            opening=opening,
            make_part=parts.make_part,
            trail=trail,
        ),
        transfer_case=TransferCase(
            units=units,
            rules=rules,
            calendar=calendar,
            opener=opener,
            sealer=sealer,
            opening=opening,
            trail=trail,
        ),
        close_case=CloseCase(units=units, clock=clock, trail=trail),
        reopen_case=ReopenCase(units=units, trail=trail),
        end_links=EndLinks(units=units, clock=clock, ids=ids, sealer=sealer, rules=rules),
        list_held=ListHeld(units=units),
        show_held=ShowHeld(units=units, opening=opening, trail=trail),
        release_held=ReleaseHeld(
            units=units, clock=clock, rules=rules, opener=opener, sealer=sealer, trail=trail
        ),
        refuse_held=RefuseHeld(units=units, clock=clock, trail=trail),
        list_members=ListMembers(units=units),
        settle_grant=SettleGrant(units=units, clock=clock, trail=trail),
        confirm_reset=ConfirmReset(units=units, trail=trail),
        passports=ReadPassports(units=units, clock=clock, calendar=calendar),
    )
