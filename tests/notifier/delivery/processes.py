"""Processes that run the real worker and take turns at each I/O call, before and after which they may end."""

import json
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Semaphore, Thread
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from notifier.channels.base import Channel, Clients, Sender, ThreadedChannel, Threads
from notifier.channels.destination import Destination
from notifier.channels.http.vendor import Endpoint, Response
from notifier.channels.secrets import Secret
from notifier.delivery.attempts import QueuedDelivery
from notifier.delivery.conversations.conversation import Conversation
from notifier.delivery.conversations.ledger import ConversationLedger
from notifier.delivery.delivery import Delivery
from notifier.delivery.ledger import LEASE_SECONDS, SENT, Row
from notifier.delivery.outcomes import Deferred, Outcome, Sent
from notifier.delivery.worker import send_batch
from proton_notifier.fakes.slack_workspace import ApiError

Result = TypeVar("Result")

# SQS hides a message so long from other workers.
VISIBILITY_SECONDS = 600


class ProcessEndedError(BaseException):
    """The process is gone: nothing in it may catch this."""


class Process:
    """A thread that goes from one I/O call to the next, one step at a time."""

    def __init__(self, work: Callable[["Process"], None]) -> None:
        self.over = False
        # Posted, and not recorded: whoever comes next cannot know of it.
        self.in_the_gap: set[str] = set()
        self._go, self._paused = Semaphore(0), Semaphore(0)
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


class MemoryLedger(ConversationLedger):
    """The ledger with its rows in a dict, each of whose calls is a step of *process*."""

    def __init__(self, rows: dict[str, Row], process: Process, clock: Callable[[], float]) -> None:
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
            self._rows[delivery_id] = {"state": {"S": "claimed"}, **self._lease()}
            return None

        return self._process.call(claim)

    def release(self, delivery_id: str) -> None:
        """Forget a claim."""

        def release() -> None:
            if self._rows.get(delivery_id, {}).get("owner") == {"S": self._owner}:
                del self._rows[delivery_id]

        self._process.call(release)

    def mark_sent(self, *delivery_ids: str, rows: Sequence[Row] = ()) -> None:
        """Store marks and rows in one call."""
        marks: dict[str, Row] = {name: {"state": {"S": SENT}} for name in delivery_ids}
        self._process.call(lambda: self._rows.update(marks | {str(row["id"]["S"]): row for row in rows}))
        self._process.in_the_gap.clear()

    def lease(self, conversation_id: str) -> Conversation | None:
        """Lease what is not held."""

        def lease() -> Conversation | None:
            row = self._rows.get(conversation_id, {})
            if self._is_held(row):
                return None
            self._rows[conversation_id] = {**row, **self._lease()}
            return self.parse(conversation_id, row)

        return self._process.call(lease)

    def keep(self, conversation: Conversation, *, leased: bool = True) -> None:
        """Store a conversation."""
        self._process.call(lambda: self._rows.update({conversation.id: self.row(conversation, leased=leased)}))
        self._process.in_the_gap.clear()

    def was_sent(self, delivery_id: str) -> bool:
        """Look for a mark."""
        return self._process.call(lambda: self._rows.get(delivery_id, {}).get("state") == {"S": SENT})

    def _lease(self) -> Row:
        return {"owner": {"S": self._owner}, "lease_until": {"N": str(int(self._clock()) + LEASE_SECONDS)}}

    def _is_held(self, row: Row) -> bool:
        return int(row.get("lease_until", {"N": "-1"})["N"]) >= self._clock()


@dataclass(eq=False)
class Queued:
    """A message of the queue, visible at a time."""

    delivery: Delivery
    at: float
    attempts: int = 0


@dataclass
class World:
    """Two workers of one destination, its queue and its rows; *answer* is the destination."""

    channel: type[Channel]
    destination: Destination
    answer: Callable[[str, dict[str, Any]], dict[str, Any]]
    chance: random.Random
    deaths: int = 0
    now: float = 1_000
    rows: dict[str, Row] = field(default_factory=dict)
    queue: list[Queued] = field(default_factory=list)
    in_the_gap: set[str] = field(default_factory=set)
    outcomes: list[Outcome] = field(default_factory=list)

    def run(self) -> None:
        """Let the workers take turns until the queue is empty."""
        processes: list[tuple[Process, list[Queued]]] = []
        while processes or self.queue:
            # So slow that no lease expires under a process that lives.
            self.now += 0.3
            visible = [item for item in self.queue if item.at <= self.now]
            if len(processes) < 2 and visible:
                batch = self.chance.sample(visible, self.chance.randint(1, min(3, len(visible))))
                for item in batch:
                    self.queue.remove(item)
                    item.attempts += 1
                processes.append((Process(partial(self._work, batch)), batch))
            if not processes:
                self.now = max(self.now, min(item.at for item in self.queue))
                continue
            process, batch = chosen = self.chance.choice(processes)
            ends = self.deaths > 0 and self.chance.random() < 0.03
            self.deaths -= ends
            process.step(ends=ends)
            if ends:
                self.in_the_gap |= process.in_the_gap
                self.queue += [replace(item, at=self.now + VISIBILITY_SECONDS) for item in batch]
            if process.over:
                processes.remove(chosen)

    def _work(self, batch: list[Queued], process: Process) -> None:
        ledger = MemoryLedger(self.rows, process, lambda: self.now)
        items = [QueuedDelivery(str(number), "r", item.attempts, item.delivery) for number, item in enumerate(batch)]
        outcomes = send_batch(items, self._sender(process), ledger, lambda _step: True, lambda: 1.0)
        for number, item in enumerate(batch):
            outcome = outcomes[str(number)]
            self.outcomes.append(outcome)
            if isinstance(outcome, Deferred):
                self.queue.append(replace(item, at=self.now + outcome.seconds))

    def _sender(self, process: Process) -> Sender:
        channel = self.channel(Clients(_Http(self, process), _Secrets(), None))  # type: ignore[arg-type] # fakes
        threads = None
        if isinstance(channel, ThreadedChannel):
            threads = Threads(
                lambda notifications, root, late: channel.reply(notifications, self.destination, root, late=late),
                lambda notification, root: channel.edit(notification, self.destination, root),
                lambda notifications, root, since: channel.find(notifications, self.destination, root, since),
            )
        send = partial(channel.send, destination=self.destination)
        return Sender(send, channel.max_batch, threads=threads, ordered=channel.ordered)


class _Secrets:
    """Secrets that any destination takes."""

    def use(self, name: str, send: Callable[[Secret], Result]) -> Result:
        """Call *send* with a secret."""
        return send(Secret(name, "xoxb-fake" if name == "token" else "0" * 32))


@dataclass
class _Http:
    """The way to the destination, a step of *process* for each call."""

    world: World
    process: Process

    def post(self, _vendor: object, endpoint: Endpoint, body: bytes, headers: dict[str, str]) -> Response:
        """Ask the destination."""
        form = headers.get("Content-Type", "").endswith("urlencoded")
        arguments = dict(parse_qsl(body.decode())) if form else json.loads(body)
        method = endpoint.url.rpartition("/")[2]

        def ask() -> Response:
            if method == "chat.postMessage":
                self.process.in_the_gap.add(str(arguments["metadata"]))
            try:
                return Response(
                    200, json.dumps({"ok": True, "status": "success", **self.world.answer(method, arguments)}), None
                )
            except ApiError as error:
                return Response(200, json.dumps({"ok": False, "error": str(error)}), None)

        return self.process.call(ask)
