"""The queue's event source, which collects messages into batches and passes them to a function.

It has the template's batch size, batching window and concurrency, by the process's clock, which a simulation moves. Not
modelled: Lambda's parallel pollers (here batches are filled one after the other), the limit of 6 MB for a batch, and
the duration of an invocation, which is always one second.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from moto.sqs.models import Message

from proton_notifier.localaws.queue import LocalQueue

RUN_SECONDS: Final = 1

# The response of a function to a batch: the messages to redeliver.
BatchResponse = Mapping[str, list[dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Batching:
    """The batch *size*, the batching window, and the maximum concurrency."""

    size: int
    window_seconds: float
    concurrency: int

    @classmethod
    def of(cls, template: Mapping[str, Any], parameters: Mapping[str, str]) -> Self:
        """Read the only event source mapping of *template*; *parameters* replace its defaults."""
        (mapping,) = (
            resource["Properties"]
            for resource in template["Resources"].values()
            if resource["Type"] == "AWS::Lambda::EventSourceMapping"
        )
        window = mapping["MaximumBatchingWindowInSeconds"]["Ref"]
        return cls(
            mapping["BatchSize"],
            float(parameters.get(window, template["Parameters"][window]["Default"])),
            mapping["ScalingConfig"]["MaximumConcurrency"],
        )


class EventSource:
    """Event source that passes the messages of *queue* to *function*."""

    def __init__(
        self, queue: LocalQueue, function: Callable[[dict[str, Any]], BatchResponse], batching: Batching
    ) -> None:
        self._queue = queue
        self._function = function
        self._batching = batching
        self._batch: list[Message] = []
        self._window_ends_at = 0.0
        self._free_at = [0.0] * batching.concurrency

    def hand_over_due(self) -> None:
        """Collect visible messages, and pass on each batch that is full or whose window has ended."""
        self._collect()
        while self._batch and self._due_at() <= time.time():
            self._free_at[self._free_at.index(min(self._free_at))] = time.time() + RUN_SECONDS
            messages, self._batch = self._batch, []
            self._hand_over(messages)
            self._collect()

    def next_at(self) -> float | None:
        """Return the next time at which a batch or a message is due, or None if the queue is empty."""
        visible_at = self._queue.next_visible_at
        if visible_at is None:
            return None
        if not self._batch:
            return visible_at
        return self._due_at() if self._is_full else min(self._due_at(), max(visible_at, time.time()))

    @property
    def _is_full(self) -> bool:
        return len(self._batch) == self._batching.size

    def _due_at(self) -> float:
        return max(0.0 if self._is_full else self._window_ends_at, min(self._free_at))

    def _collect(self) -> None:
        if not self._batch:
            self._window_ends_at = time.time() + self._batching.window_seconds
        self._batch += self._queue.receive(self._batching.size - len(self._batch))

    def _hand_over(self, messages: list[Message]) -> None:
        response = self._function({"Records": [_record(message) for message in messages]})
        failed = {failure["itemIdentifier"] for failure in response["batchItemFailures"]}
        for message in messages:
            if message.id not in failed:
                self._queue.delete(message)


def _record(message: Message) -> dict[str, Any]:
    """Write the record of *message* in Lambda's event, with the fields that the function reads."""
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.approximate_receive_count),
            "SentTimestamp": str(message.sent_timestamp),
        },
    }
