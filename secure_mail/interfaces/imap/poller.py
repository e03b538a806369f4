r"""One account: its folder is worked through again and again, and every message is taken once.

The ledger in our database is the record; `\Seen` and the move are tidying. A message that cannot
be fetched holds up no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from time import monotonic

import structlog

from secure_mail.application.apps import FetchApp
from secure_mail.application.ports.store import StoreDownError
from secure_mail.domain.fetching import (
    TRIES,
    Fetch,
    FetchKey,
    FetchState,
    due,
    left_behind,
    pause,
)
from secure_mail.domain.ids import Mailbox
from secure_mail.domain.refusals import Refusal
from secure_mail.interfaces.imap.accounts import ImapAccount
from secure_mail.interfaces.imap.credentials import NoCredentialError
from secure_mail.interfaces.imap.progress import Progress
from secure_mail.interfaces.imap.session import (
    LostError,
    RefusedError,
    Selected,
    Session,
    SignInError,
    opened,
)
from secure_mail.interfaces.imap.taking import NOT_ITS_FAULT, Taking

log = structlog.get_logger("imap")

ROUND_SECONDS = 60.0
"""The whole folder is searched at least this often, whatever IDLE says."""
FORGET_SECONDS = 24 * 60 * 60.0
MOVES = 3
"""Times that this process tries to move a message; it then lies where it is, and is not taken."""


class Poller:
    """The body of one account's thread."""

    def __init__(
        self,
        account: ImapAccount,
        app: FetchApp,
        taking: Taking,
        environment: Mapping[str, str],
        chance: Callable[[], float],
        last_try_after: timedelta,
    ) -> None:
        self.progress = Progress(account.mailbox, account.number)
        self._account = account
        self._app = app
        self._taking = taking
        self._environment = environment
        self._chance = chance
        self._last_try_after = last_try_after
        self._stopping = taking.stopping
        self._uncounted: set[tuple[int, int]] = set()
        """UIDVALIDITY and UID of messages whose last try was ended by the service itself."""
        self._moves: dict[tuple[int, int], int] = {}
        self._failures = 0
        self._forgot: float | None = None

    def run(self) -> None:
        """Until we are to stop. Whatever goes wrong, it waits and begins anew."""
        while not self._stopping.is_set():
            try:
                with opened(self._account, self._environment) as session:
                    self._work(session)
            except (SignInError, NoCredentialError) as error:
                self._tell("imap.not-signed-in", error)
            except Exception as error:  # noqa: BLE001 - an account that ends takes no more mail
                self._tell("imap.lost", error)
            finally:
                self.progress.connected = False
            self._stopping.wait(pause(self._failures, self._chance()))

    def _work(self, session: Session) -> None:
        self.progress.connected = True
        log.info("imap.connected", **self._name)
        for folder in (self._account.processed, self._account.failed):
            try:
                session.ensure(folder)
            except RefusedError as error:
                self._tell("imap.no-folder", error)
        while not self._stopping.is_set():
            try:
                self._all(session)
            except (Refusal, StoreDownError) as error:
                self._tell("imap.postponed", error)
                self._stopping.wait(min(pause(self._failures, self._chance()), ROUND_SECONDS))
                continue
            self._failures = 0
            self.progress.worked_through()
            session.wait(self._stopping, ROUND_SECONDS)

    def _all(self, session: Session) -> None:
        """Round after round, until nothing new has come since the last one began.

        What came during a round was told during that round: IDLE would not tell of it again.
        Nothing is tried twice. Raises Refusal, StoreDownError when the service cannot take mail
        now.
        """
        tried: set[tuple[int, int]] = set()
        while not self._stopping.is_set():
            begun = session.select(self._account.folder)
            settled = self._round(session, begun, tried)
            if not settled and session.select(self._account.folder).uidnext == begun.uidnext:
                return

    def _round(self, session: Session, selected: Selected, tried: set[tuple[int, int]]) -> bool:
        """Whether any message was settled."""
        uids = session.uids(selected)
        self._forget(selected.uidvalidity, uids)
        if not uids:
            return False
        known = self._app.known(self._account.key, self._account.folder, selected.uidvalidity)
        settled = False
        for uid in due(uids, known, self._app.clock.now(), self._last_try_after):
            mark = (selected.uidvalidity, uid)
            if self._stopping.is_set():
                return False
            if mark not in tried:
                tried.add(mark)
                settled |= self._one(session, mark, known.get(uid))
        for uid in left_behind(uids, known):
            self._tidy(session, known[uid])
        return settled

    def _one(self, session: Session, mark: tuple[int, int], known: Fetch | None) -> bool:
        """Whether it is settled now."""
        uid = mark[1]
        if known and known.tries >= TRIES and mark not in self._uncounted:
            self._give_up(session, known, "tries")
            return True
        self._taking.readiness()
        fetch = self._app.begin(self._key(mark), counted=mark not in self._uncounted)
        if fetch.state is not FetchState.FETCHING:
            return False
        try:
            accepted = self._taking.take(session, uid)
            if accepted is None:
                return False
            self._app.record(fetch, accepted.message_id)
        except RefusedError as error:
            self._uncounted.discard(mark)
            self._tell("imap.try-failed", error, uid=uid, tries=fetch.tries)
            return False
        except LostError:
            self._uncounted.discard(mark)
            raise
        except StoreDownError:
            self._uncounted.add(mark)
            raise
        except Refusal as refusal:
            if refusal.code in NOT_ITS_FAULT:
                self._uncounted.add(mark)
                raise
            self._give_up(session, fetch, refusal.code.value)
            return True
        self._uncounted.discard(mark)
        self.progress.fetched += 1
        log.info(
            "imap.accepted",
            **self._name,
            uid=uid,
            message_id=str(accepted.message_id),
            duplicate=accepted.duplicate,
        )
        self._tidy(session, fetch, self._account.processed)
        return True

    def _give_up(self, session: Session, fetch: Fetch, reason: str) -> None:
        self._app.give_up(fetch, Mailbox(self._account.mailbox), reason)
        self.progress.set_aside += 1
        log.error(
            "imap.set-aside",
            **self._name,
            uidvalidity=fetch.uidvalidity,
            uid=fetch.uid,
            reason=reason,
            tries=fetch.tries,
        )
        self._tidy(session, fetch, self._account.failed)

    def _tidy(self, session: Session, fetch: Fetch, folder: str | None = None) -> None:
        """Moves what is settled out of the way. Where that fails, the ledger still knows it."""
        mark = (fetch.uidvalidity, fetch.uid)
        tried = self._moves.get(mark, 0)
        if tried >= MOVES:
            return
        # Counted before, as the tries are: some messages end the connection.
        self._moves[mark] = tried + 1
        failed = fetch.state is FetchState.FAILED
        to = folder or (self._account.failed if failed else self._account.processed)
        try:
            if to == self._account.processed:
                session.mark_seen(fetch.uid)
            gone = session.move(fetch.uid, to)
        except RefusedError as error:
            self._tell("imap.not-moved", error, uid=fetch.uid)
            return
        if gone:
            del self._moves[mark]
        else:
            self._moves[mark] = MOVES

    def _forget(self, uidvalidity: int, present: AbstractSet[int]) -> None:
        """Once a day, what left the folder long ago."""
        if self._forgot is None or monotonic() > self._forgot + FORGET_SECONDS:
            self._app.forget(self._account.key, self._account.folder, uidvalidity, present)
            self._forgot = monotonic()

    def _key(self, mark: tuple[int, int]) -> FetchKey:
        return FetchKey(
            account=self._account.key,
            folder=self._account.folder,
            uidvalidity=mark[0],
            uid=mark[1],
        )

    def _tell(self, event: str, error: Exception, **facts: int) -> None:
        self._failures += 1
        self.progress.failures += 1
        cause = error.code.value if isinstance(error, Refusal) else type(error).__name__
        log.warning(event, **self._name, error=cause, **facts)

    @property
    def _name(self) -> dict[str, str | int]:
        return {"mailbox": self._account.mailbox, "account": self._account.number}
