"""Cases, replies, codes, staff in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from secure_mail.application.ports.store_casework import CasePage, CaseQuery, QueueCount
from secure_mail.domain.access import GrantState, QueueGrant, Role, StaffMember, StaffState
from secure_mail.domain.answers import CODE_TRIES, CodeState, ReadingCode
from secure_mail.domain.cases import AnswerState, Case, CaseEvent, CaseState, Reply, SealedSummary
from secure_mail.domain.ids import CaseId, CodeId, GrantId, QueueName, Reference, ReplyId, StaffId
from secure_mail.domain.sealing import SealedKey
from tests.fakes.store.state import State, drop, one, put

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
UNREAD = {AnswerState.SENT, AnswerState.NOT_DISPLAYED}
TO_ANSWER = {CaseState.NEW, CaseState.OPEN}


class FakeCases:
    def __init__(self, state: State) -> None:
        self._state = state
        self._cases = state.cases

    def add(self, case: Case, summary: SealedSummary) -> None:
        put(self._cases, case.id, case, lambda each: each.reference)
        put(self._state.summaries, summary.case_id, summary)

    def get(self, case: CaseId) -> Case | None:
        return self._cases.get(case)

    def by_reference(self, reference: Reference) -> Case | None:
        own = one(case for case in self._cases.values() if case.reference == reference)
        messages = self._state.messages.values()
        joined = one(each.case_id for each in messages if each.reference == reference)
        return own or (self._cases.get(joined) if joined else None)

    def save(self, case: Case) -> bool:
        found = self._cases.get(case.id)
        if found is None or found.version != case.version - 1:
            return False
        self._cases[case.id] = case
        return True

    def page(self, query: CaseQuery) -> CasePage:
        def key(case: Case) -> tuple[datetime, CaseId]:
            return (case.received_at if query.by_received else case.due_at or NEVER), case.id

        found = sorted((c for c in self._cases.values() if all(_filters(query, c))), key=key)
        later = [case for case in found if query.after is None or key(case) > query.after]
        shown = later[: query.limit]
        return CasePage(
            cases=tuple(shown), next=key(shown[-1]) if len(later) > query.limit else None
        )

    def counts(
        self, queues: Sequence[QueueName], now: datetime, today_end: datetime, staff: StaffId | None
    ) -> dict[QueueName, QueueCount]:
        counted = {}
        for queue in queues:
            active = [
                case
                for case in self._cases.values()
                if case.queue == queue and case.state is not CaseState.CLOSED
            ]
            due = [case.due_at or NEVER for case in active if case.state in TO_ANSWER]
            counted[queue] = QueueCount(
                new=sum(case.state is CaseState.NEW for case in active),
                open=len(active),
                mine=sum(staff is not None and case.assignee == staff for case in active),
                unassigned=sum(case.assignee is None for case in active),
                due_today=sum(now < at <= today_end for at in due),
                overdue=sum(at <= now for at in due),
                unread_answers=sum(case.answer in UNREAD for case in active),
            )
        return counted

    def of_address(self, address_index: bytes, limit: int = 50) -> Sequence[Case]:
        found = [case for case in self._cases.values() if case.address_index == address_index]
        return sorted(found, key=lambda case: (case.received_at, case.id), reverse=True)[:limit]

    def readable(self, address_index: bytes, since: datetime) -> Sequence[Case]:
        return [
            case
            for case in self.of_address(address_index, len(self._cases))
            if case.state is not CaseState.CLOSED
            or any(at is not None and at >= since for at in (case.closed_at, case.answered_at))
        ]

    def put_summary(self, summary: SealedSummary) -> None:
        self._state.summaries[summary.case_id] = summary

    def summaries(self, cases: Sequence[CaseId]) -> dict[CaseId, SealedSummary]:
        kept = self._state.summaries
        return {case: kept[case] for case in cases if case in kept}

    def add_event(self, event: CaseEvent) -> None:
        put(self._state.events, event.id, event)

    def replace_event_seal(self, event: CaseEvent) -> None:
        found = self._state.events.get(event.id)
        if found is not None:
            self._state.events[event.id] = replace(found, holder=event.holder, note=event.note)

    def events(self, case: CaseId) -> Sequence[CaseEvent]:
        found = [event for event in self._state.events.values() if event.case_id == case]
        return sorted(found, key=lambda event: (event.at, event.id))


def _filters(query: CaseQuery, case: Case) -> Iterator[bool]:
    yield case.queue in query.queues and case.state in query.states
    yield query.assignee is None or case.assignee == query.assignee
    yield not query.unassigned or case.assignee is None
    yield not query.unread_answer or case.answer in UNREAD
    yield query.due_before is None or (case.due_at or NEVER) < query.due_before
    yield query.received_from is None or case.received_at >= query.received_from
    for name in ("language", "topic", "purpose", "assurance"):
        wanted = getattr(query, name)
        yield wanted is None or getattr(case, name) == wanted


class FakeReplies:
    def __init__(self, state: State) -> None:
        self._state = state
        self._replies = state.replies

    def add(self, reply: Reply) -> None:
        put(self._replies, reply.id, reply)

    def get(self, reply: ReplyId) -> Reply | None:
        return self._replies.get(reply)

    def of_case(self, case: CaseId) -> Sequence[Reply]:
        found = [reply for reply in self._replies.values() if reply.case_id == case]
        return sorted(found, key=lambda reply: (reply.created_at, reply.id))

    def save(self, reply: Reply) -> None:
        if reply.id in self._replies:
            self._replies[reply.id] = reply

    def reseal(self, reply: ReplyId, for_staff: SealedKey) -> None:
        if reply in self._replies:
            self._replies[reply] = replace(self._replies[reply], for_staff=for_staff)

    def displayed(self, reply: ReplyId, at: datetime) -> bool:
        found = self._replies.get(reply)
        if found is None or found.displayed_at is not None:
            return False
        self._replies[reply] = replace(found, displayed_at=at)
        return True

    def unread_since(self, before: datetime, limit: int) -> Sequence[Reply]:
        found = [
            (reply.notice_at, reply.id)
            for reply in self._replies.values()
            if reply.notice_at is not None
            and reply.notice_at < before
            and reply.displayed_at is None
            and self._state.cases[reply.case_id].answer is AnswerState.SENT
            and not any(o.created_at > reply.created_at for o in self.of_case(reply.case_id))
        ]
        return [self._replies[reply] for _, reply in sorted(found)[:limit]]


class FakeCodes:
    def __init__(self, state: State) -> None:
        self._codes = state.codes

    def add(self, code: ReadingCode) -> None:
        put(self._codes, code.id, code)

    def get(self, code: CodeId) -> ReadingCode | None:
        return self._codes.get(code)

    def _oldest_first(self) -> list[ReadingCode]:
        return sorted(self._codes.values(), key=lambda code: (code.requested_at, code.id))

    def by_cookie(self, cookie_hash: bytes) -> ReadingCode | None:
        return one(c for c in reversed(self._oldest_first()) if c.cookie_hash == cookie_hash)

    def save(self, code: ReadingCode) -> None:
        if code.id in self._codes:
            self._codes[code.id] = code

    def count_try(self, code: CodeId, now: datetime) -> bool:
        found = self._codes.get(code)
        if found is None or not found.usable_at(now) or found.tries >= CODE_TRIES:
            return False
        self._codes[code] = replace(found, tries=found.tries + 1)
        return True

    def use(self, code: CodeId, now: datetime) -> bool:
        found = self._codes.get(code)
        if found is None or found.state is not CodeState.MAILED or now >= found.expires_at:
            return False
        for other in list(self._codes.values()):
            open_still = other.state in {CodeState.REQUESTED, CodeState.MAILED}
            if other.address_index == found.address_index and open_still:
                self._codes[other.id] = replace(other, state=CodeState.DEAD)
        self._codes[code] = replace(found, state=CodeState.USED)
        return True

    def of_network(self, network: bytes, since: datetime) -> int:
        codes = self._codes.values()
        return sum(code.network == network and code.requested_at >= since for code in codes)

    def of_address(self, address_index: bytes, since: datetime) -> Sequence[ReadingCode]:
        return [
            code
            for code in self._oldest_first()
            if code.address_index == address_index and code.requested_at >= since
        ]

    def delete_before(self, instant: datetime) -> int:
        return drop(self._codes, lambda code: code.requested_at < instant)


class FakeStaff:
    def __init__(self, state: State) -> None:
        self._staff = state.staff
        self._grants = state.grants

    def add(self, member: StaffMember) -> None:
        put(self._staff, member.id, member, lambda each: each.email, lambda each: each.setup_hash)

    def get(self, member: StaffId) -> StaffMember | None:
        return self._staff.get(member)

    def by_email(self, email: str) -> StaffMember | None:
        return one(member for member in self._staff.values() if member.email == email)

    def by_setup(self, setup_hash: bytes) -> StaffMember | None:
        return one(member for member in self._staff.values() if member.setup_hash == setup_hash)

    def all(self) -> Sequence[StaffMember]:
        return sorted(self._staff.values(), key=lambda member: member.email)

    def save(self, member: StaffMember) -> None:
        if member.id in self._staff:
            self._staff[member.id] = member

    def accept_step(self, member: StaffId, step: int) -> bool:
        found = self._staff.get(member)
        if found is None or found.last_totp_step >= step:
            return False
        self._staff[member] = replace(found, last_totp_step=step)
        return True

    def add_grant(self, grant: QueueGrant) -> None:
        put(self._grants, grant.id, grant)

    def grant(self, grant: GrantId) -> QueueGrant | None:
        return self._grants.get(grant)

    def save_grant(self, grant: QueueGrant) -> None:
        if grant.id in self._grants:
            self._grants[grant.id] = grant

    def _in_state(self, state: GrantState) -> list[QueueGrant]:
        found = [grant for grant in self._grants.values() if grant.state is state]
        return sorted(found, key=lambda grant: (grant.granted_at, grant.id))

    def grants(
        self, member: StaffId, state: GrantState = GrantState.CONFIRMED
    ) -> Sequence[QueueGrant]:
        return [grant for grant in self._in_state(state) if grant.staff_id == member]

    def pending(self) -> Sequence[QueueGrant]:
        return self._in_state(GrantState.PENDING)

    def holders(self, queue: QueueName, roles: Collection[Role]) -> Sequence[StaffMember]:
        confirmed = self._in_state(GrantState.CONFIRMED)
        holding = {g.staff_id for g in confirmed if g.queue == queue and g.role in roles}
        return [m for m in self.all() if m.id in holding and m.state is StaffState.ACTIVE]
