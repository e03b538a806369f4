"""Contents, messages, the ledger in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from secure_mail.application.ports.store import ConflictError
from secure_mail.application.ports.store_intake import MessageLine
from secure_mail.domain.events import LedgerCount
from secure_mail.domain.ids import (
    BlobKey,
    CaseId,
    ContentId,
    MessageId,
    PartId,
    Reference,
)
from secure_mail.domain.messages import (
    ANSWER_UNASKED_EACH,
    Message,
    MessageState,
    Part,
    PartKind,
)
from secure_mail.domain.work import JobKind, JobState
from tests.fakes.store.state import State, drop, one, put

KINDS = tuple(PartKind)


class FakeContents:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, content: ContentId, parts: Sequence[Part]) -> None:
        put(self._state.contents, content, value=True)
        self._add_parts(parts)

    def _add_parts(self, parts: Sequence[Part]) -> None:
        for part in parts:
            put(self._state.parts, part.id, part)

    def replace_derived(self, content: ContentId, parts: Sequence[Part]) -> Sequence[BlobKey]:
        present = self.parts(content)
        of_mail = any(part.kind is PartKind.RAW for part in present)
        derived = {PartKind.VIEW, PartKind.FILE} if of_mail else {PartKind.VIEW}
        former = [part for part in present if part.kind in derived]
        for part in former:
            del self._state.parts[part.id]
        self._add_parts(parts)
        blobs = [part.blob for part in former if part.blob is not None]
        named = self.named_blobs(blobs)
        return [blob for blob in blobs if blob not in named]

    def parts(self, content: ContentId) -> Sequence[Part]:
        found = [part for part in self._state.parts.values() if part.content_id == content]
        return sorted(found, key=lambda part: (KINDS.index(part.kind), part.ordinal))

    def part(self, part: PartId) -> Part | None:
        return self._state.parts.get(part)

    def named_blobs(self, keys: Sequence[BlobKey]) -> frozenset[BlobKey]:
        named = {part.blob for part in self._state.parts.values()}
        named |= {file.blob for file in self._state.draft_files.values()}
        return frozenset(key for key in keys if key in named)


class FakeMessages:
    def __init__(self, state: State, accepted: Callable[[MessageId], None]) -> None:
        self._state = state
        self._messages = state.messages
        self._accepted = accepted

    def add(self, message: Message, digest: bytes | None, digest_until: datetime | None) -> None:
        self._accepted(message.id)
        put(self._messages, message.id, message, lambda each: each.reference)
        if digest is not None:
            assert digest_until is not None
            drop(self._state.digests, lambda known: known[1] <= message.received_at)
            if digest in self._state.digests:
                raise ConflictError
            self._state.digests[digest] = (message.id, digest_until)

    def duplicate(self, digest: bytes, now: datetime) -> Message | None:
        known = self._state.digests.get(digest)
        return self._messages[known[0]] if known is not None and now < known[1] else None

    def get(self, message: MessageId) -> Message | None:
        return self._messages.get(message)

    def by_reference(self, reference: Reference) -> Message | None:
        return one(each for each in self._messages.values() if each.reference == reference)

    def reference_taken(self, reference: Reference) -> bool:
        return self.by_reference(reference) is not None

    def save(self, message: Message, was: MessageState) -> bool:
        found = self._messages.get(message.id)
        if found is None or found.state is not was:
            return False
        self._messages[message.id] = message
        return True

    def _oldest_first(self, wanted: Callable[[Message], bool]) -> list[Message]:
        found = filter(wanted, self._messages.values())
        return sorted(found, key=lambda each: (each.received_at, each.id))

    def of_case(self, case: CaseId) -> Sequence[Message]:
        return self._oldest_first(lambda each: each.case_id == case)

    def sharing(self, content: ContentId) -> Sequence[Message]:
        return self._oldest_first(lambda each: each.content_id == content)

    def answer_unasked(self, address_index: bytes, message: MessageId, now: datetime) -> bool:
        last = self._state.answers.get(address_index)
        if last is not None and last[0] != message and now < last[1] + ANSWER_UNASKED_EACH:
            return False
        self._state.answers[address_index] = (message, now)
        return True

    def forget_answers(self, before: datetime) -> int:
        return drop(self._state.answers, lambda last: last[1] <= before)

    def held(self, limit: int, after: MessageId | None = None) -> Sequence[Message]:
        found = [each for each in self._messages.values() if each.state is MessageState.HELD]
        later = [each for each in found if after is None or each.id > after]
        return sorted(later, key=lambda each: each.id)[:limit]

    def held_count(self) -> int:
        return sum(each.state is MessageState.HELD for each in self._messages.values())

    def page(
        self,
        *,
        state: str | None,
        queue: str | None,
        since: datetime | None,
        limit: int,
        after: MessageId | None,
    ) -> Sequence[MessageLine]:
        lines = [self._line(each) for _, each in sorted(self._messages.items())]
        found = [
            line
            for line in lines
            if (state is None or state == _shown_state(line))
            and (queue is None or line.queue == queue)
            and (since is None or line.message.received_at >= since)
            and (after is None or line.message.id > after)
        ]
        return found[:limit]

    def _line(self, message: Message) -> MessageLine:
        case = self._state.cases.get(message.case_id) if message.case_id else None
        return MessageLine(
            message=message,
            number=FakeLedger(self._state).number(message.id),
            claimed=any(
                entry.subject == message.id
                and entry.kind is JobKind.PROCESS_MESSAGE
                and entry.state is JobState.CLAIMED
                for entry in self._state.outbox.values()
            ),
            case=case.reference if case else None,
            queue=case.queue if case else None,
        )


def _shown_state(line: MessageLine) -> str:
    claimed = line.claimed and line.message.state is MessageState.ACCEPTED
    return "processing" if claimed else line.message.state


class FakeLedger:
    def __init__(self, state: State) -> None:
        self._state = state

    def append(self, messages: Sequence[MessageId]) -> None:
        for message in messages:
            self._state.ledger[len(self._state.ledger) + 1] = message

    def number(self, message: MessageId) -> int | None:
        return one(number for number, of in self._state.ledger.items() if of == message)

    def first(self) -> MessageId | None:
        first = self._state.ledger.get(1)
        return MessageId(first) if first else None

    def count(self) -> LedgerCount:
        messages = [self._state.messages[message] for message in self._state.ledger.values()]
        by_state = Counter(message.state for message in messages)
        numbers = range(1, max(self._state.ledger, default=0) + 1)
        return LedgerCount(
            accepted=len(messages),
            filed=by_state[MessageState.FILED],
            held=by_state[MessageState.HELD],
            refused=by_state[MessageState.REFUSED],
            in_progress=by_state[MessageState.ACCEPTED],
            first_gap=one(number for number in numbers if number not in self._state.ledger),
        )

    def oldest_in_progress(self) -> datetime | None:
        found = [m for m in self._state.messages.values() if m.state is MessageState.ACCEPTED]
        return min((message.received_at for message in found), default=None)
