"""A destination in memory, its queue and its workers."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from notifier.channels.base import Channel, Clients
from notifier.channels.destination import Destination
from notifier.channels.http.responses import Endpoint, Response
from notifier.channels.secrets import Secret
from notifier.delivery.attempts import PlainMessages, QueuedDelivery
from notifier.delivery.delivery import Delivery
from notifier.delivery.ledger import LedgerRow
from notifier.delivery.outcomes import Deferred, Outcome
from notifier.delivery.worker import send_batch
from proton_notifier.fakes.slack_workspace import ApiError
from tests.notifier.delivery.processes import MemoryLedger, Process

Result = TypeVar("Result")
# The destination: it answers a method with its arguments, or raises `ApiError`.
Answer = Callable[[str, dict[str, Any]], dict[str, Any]]

# SQS hides a message so long from other workers.
VISIBILITY_SECONDS = 600


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
    answer: Answer
    chance: random.Random
    deaths: int = 0
    now: float = 1_000
    rows: dict[str, LedgerRow] = field(default_factory=dict)
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
        items = [QueuedDelivery(str(number), item.attempts, item.delivery) for number, item in enumerate(batch)]
        channel = bound(self.channel, self.destination, self.answer, process)
        outcomes = send_batch(items, PlainMessages(channel, ledger, lambda _step: True, jitter=lambda: 1.0))
        for number, item in enumerate(batch):
            outcome = outcomes[str(number)]
            self.outcomes.append(outcome)
            if isinstance(outcome, Deferred):
                self.queue.append(replace(item, at=self.now + outcome.seconds))


def bound(kind: type[Channel], destination: Destination, answer: Answer, process: Process) -> Channel:
    """Make the channel to *destination*, each of whose calls is a step of *process*."""
    return kind(Clients(_Http(answer, process), _Secrets(), None), destination)  # type: ignore[arg-type] # fakes


class _Secrets:
    """Secrets that any destination takes."""

    def use(self, name: str, send: Callable[[Secret], Result]) -> Result:
        """Call *send* with a secret."""
        return send(Secret(name, "xoxb-fake" if name == "token" else "0" * 32))


@dataclass
class _Http:
    """The way to the destination, a step of *process* for each call."""

    answer: Answer
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
                    200, json.dumps({"ok": True, "status": "success", **self.answer(method, arguments)}), None
                )
            except ApiError as error:
                return Response(200, json.dumps({"ok": False, "error": str(error)}), error.retry_after_seconds or None)

        return self.process.call(ask)
