"""What the photo filters share: an inbox of octets, and the judgement of what follows a picture."""

from __future__ import annotations

from abc import ABC, abstractmethod

from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.infrastructure.files.signatures import PDF, ZIP_COMMENT, ZIP_END, second_kind
from secure_mail.infrastructure.files.tail import Tail

_MOST_STEPS = 200_000
"""Pieces of one picture: a large one has some ten thousand."""


class Photo(ABC):
    """Takes chunks of any size; a subclass reads whole pieces of the picture from `_inbox`."""

    own: bytes

    def __init__(self) -> None:
        self._inbox = bytearray()
        self._out = bytearray()
        self._steps = 0
        self._ended = False
        self._judged = False
        self._after = Tail()
        self._after_head = b""

    def update(self, data: bytes) -> bytes:
        if not self._judged:
            self._judged = True
            if second_kind(data, self.own):
                raise Refusal(RefusalCode.FILE_TYPE)
        self._inbox += data
        while not self._ended and self._step():
            self._steps += 1
            if self._steps > _MOST_STEPS:
                raise Refusal(RefusalCode.FILE_UNREADABLE)
        if self._ended:
            self._cut_rest()
        ready = bytes(self._out)
        self._out.clear()
        return ready

    def finish(self) -> bytes:
        """Nothing is left. A picture without end is broken, one with a second file is refused."""
        if not self._ended:
            raise Refusal(RefusalCode.FILE_UNREADABLE)
        head, tail = self._after_head, self._after.octets()[-ZIP_COMMENT:]
        if PDF in head or ZIP_END in tail:
            raise Refusal(RefusalCode.FILE_TYPE)
        return b""

    @abstractmethod
    def _step(self) -> bool:
        """Takes one piece from the inbox; False when more octets are needed."""

    def _take(self, count: int) -> bytes:
        piece = bytes(self._inbox[:count])
        del self._inbox[:count]
        return piece

    def _cut_rest(self) -> None:
        """What stands behind the picture (a film, a second picture, position data) is not kept."""
        if len(self._after_head) < 1024:
            self._after_head += bytes(self._inbox[: 1024 - len(self._after_head)])
        self._after.add(bytes(self._inbox))
        self._inbox.clear()
