"""Processes that run the real worker and take turns at each I/O call, before and after which they may end."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock, Thread
from typing import TypeVar

from notifier.delivery.conversation import Conversation
from notifier.delivery.ledger import LEASE_SECONDS, SENT, Ledger, LedgerRow
from notifier.delivery.outcomes import Deferred, Sent

Result = TypeVar("Result")


class ProcessEndedError(BaseException):
    """The process is gone: nothing in it may catch this."""


class Process:
    """A thread that goes from one I/O call to the next, one step at a time."""

    def __init__(self, work: Callable[["Process"], None]) -> None:
        self.over = False
        # Posted, and not recorded: whoever comes next cannot know of it.
        self.in_the_gap: set[str] = set()
        self._go, self._paused = Lock(), Lock()
        self._go.acquire()
        self._paused.acquire()
        self._ends = False
        Thread(target=self._run, args=(work,), daemon=True).start()

    def step(self, *, ends: bool) -> None:
        """Go to the next I/O call, or end before it."""
        self._ends = ends
        self._go.release()
        self._paused.acquire()

    def call(self, effect: Callable[[], Result]) -> Result:
        """Do an I/O call; others come between, before and after it."""
        self._pause()
        result = effect()
        self._pause()
        return result

    def _pause(self) -> None:
        self._paused.release()
        self._go.acquire()
        if self._ends:
            raise ProcessEndedError

    def _run(self, work: Callable[["Process"], None]) -> None:
        self._go.acquire()
        with suppress(ProcessEndedError):
            work(self)
        self.over = True
        self._paused.release()


class Uninterrupted(Process):
    """A process that is alone and does not end."""

    def __init__(self) -> None:
        self.in_the_gap = set()

    def call(self, effect: Callable[[], Result]) -> Result:
        """Do an I/O call."""
        return effect()


class MemoryLedger(Ledger):
    """The ledger with its rows in a dict, each of whose calls is a step of *process*."""

    def __init__(self, rows: dict[str, LedgerRow], process: Process, clock: Callable[[], float]) -> None:
        self._rows = rows
        self._process = process
        self._clock = clock
        self._owner = str(id(process))

    def claim(self, delivery_id: str) -> Sent | Deferred | None:
        """Claim what is neither sent nor held."""

        def claim() -> Sent | Deferred | None:
            row = self._rows.get(delivery_id)
            if row and row["state"] == {"S": SENT}:
                return Sent(0)
            if row and self._is_held(row):
                return Deferred(LEASE_SECONDS, "held")
            self._rows[delivery_id] = {"state": {"S": "claimed"}, **self._held()}
            return None

        return self._process.call(claim)

    def release(self, delivery_id: str) -> None:
        """Forget a claim."""

        def release() -> None:
            if self._rows.get(delivery_id, {}).get("owner") == {"S": self._owner}:
                del self._rows[delivery_id]

        self._process.call(release)

    def mark_sent(self, *delivery_ids: str, rows: Sequence[LedgerRow] = ()) -> None:
        """Store marks and rows in one call."""
        marks: dict[str, LedgerRow] = {name: {"state": {"S": SENT}} for name in delivery_ids}
        self._process.call(lambda: self._rows.update(marks | {str(row["id"]["S"]): row for row in rows}))
        self._process.in_the_gap.clear()

    def lease(self, conversation_id: str) -> Conversation | None:
        """Lease what is not held."""

        def lease() -> Conversation | None:
            row = self._rows.get(conversation_id, {})
            if self._is_held(row):
                return None
            self._rows[conversation_id] = {**row, **self._held()}
            return self.parse(conversation_id, row)

        return self._process.call(lease)

    def keep(self, conversation: Conversation, *, leased: bool = False) -> None:
        """Store a conversation."""
        self._process.call(lambda: self._rows.update({conversation.id: self.row(conversation, leased=leased)}))
        self._process.in_the_gap.clear()

    def was_sent(self, delivery_id: str) -> bool:
        """Look for a mark."""
        return self._process.call(lambda: self._rows.get(delivery_id, {}).get("state") == {"S": SENT})

    def _held(self) -> LedgerRow:
        return {"owner": {"S": self._owner}, "lease_until": {"N": str(int(self._clock()) + LEASE_SECONDS)}}

    def _is_held(self, row: LedgerRow) -> bool:
        return int(row.get("lease_until", {"N": "-1"})["N"]) >= self._clock()
