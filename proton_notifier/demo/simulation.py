"""A stack under strain: many events at once, or a Slack that does not take them, in time that nobody waits for.

The clock stands, and moves to the next moment at which something happens: an event, the end of a batching window, a
message that comes back. Email is always up.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from math import ceil
from typing import Any, Final

import time_machine

from notifier.delivery import outcomes
from notifier.delivery.delivery import Delivery
from proton_notifier.common.delivery_log import LoggedOutcome, read
from proton_notifier.demo.schedule import Entry
from proton_notifier.demo.timeline import Arrived, DeadLettered, Deferred, Entered, Happening, Turn
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.gallery.exhibits import Message
from proton_notifier.localaws.cloud import LocalCloud
from proton_notifier.localaws.event_source import BatchResponse, EventSource

# Said of what lies in the queue of failed deliveries without a word of the function.
TOO_OFTEN: Final = "tried as often as the queue allows"


class Rehearsal:
    """Lets things happen to *cloud*, on *clock*, and passes each to *tell*."""

    def __init__(
        self,
        cloud: LocalCloud,
        slack: FakeSlack,
        clock: time_machine.Traveller,
        tell: Callable[[Happening], None],
    ) -> None:
        self._cloud = cloud
        self._slack = slack
        self._clock = clock
        self._tell = tell
        self._source = EventSource(cloud.queue("Deliveries"), self._deliver, cloud.batching)
        self._began_at = 0.0
        self._now = 0.0
        self._read_to = 0
        self._taken = 0
        self._given_up: set[tuple[str, str]] = set()

    def run(self, entries: Sequence[Entry], slack_down_seconds: float = 0) -> None:
        """Let *entries* come in from now on, Slack being down for a while, and time pass until all is settled."""
        self._began_at = began_at = time.time()
        waiting = sorted(entries, key=lambda entry: entry.at_seconds)[::-1]
        if slack_down_seconds:
            self._slack.down_until = began_at + slack_down_seconds
            self._tell(Turn(0, "Slack goes down"))
        slack_up = [slack_down_seconds] if slack_down_seconds else []
        while True:
            due = self._source.next_at()
            moments = [waiting[-1].at_seconds] if waiting else []
            moments += [] if due is None else [max(due - began_at, self._now)]
            if not moments:
                break
            self._move_to(min(moments + slack_up))
            if slack_up and self._now >= slack_up[0]:
                self._tell(Turn(slack_up.pop(), "Slack is up again"))
            while waiting and waiting[-1].at_seconds <= self._now:
                self._enter(waiting.pop())
            self._source.hand_over_due()
        self._tell_dead_letters()

    def _move_to(self, seconds: float) -> None:
        # Up to the next millisecond, so that it never stops short of the moment.
        self._now = ceil(seconds * 1_000) / 1_000
        self._clock.move_to(self._began_at + self._now)

    def _enter(self, entry: Entry) -> None:
        known = len(self._cloud.failures)
        summaries = entry.enter()
        problems = self._cloud.failures[known:]
        for summary in summaries:
            self._tell(Entered(self._now, entry.name, summary))
        for problem in problems:
            self._tell(Entered(self._now, entry.name, None, problem))
        for _ in range(entry.events - len(summaries) - len(problems)):
            self._tell(Entered(self._now, entry.name, None))

    def _deliver(self, batch: dict[str, Any]) -> BatchResponse:
        answer = self._cloud.deliver(batch)
        log = self._cloud.delivery.log.getvalue()
        settled: defaultdict[tuple[str, type[outcomes.Outcome], str], list[LoggedOutcome]] = defaultdict(list)
        for logged in read(log[self._read_to :]):
            settled[logged.fields.destination, type(logged.outcome), logged.cause].append(logged)
        self._read_to = len(log)
        emails = tuple(
            Message("sns", {"Subject": email.subject, "Message": email.body}) for email in self._cloud.emails()
        )
        posts = tuple(Message("slack", payload) for payload in self._slack.messages[self._taken :])
        self._taken += len(posts)
        arrived = {"email": emails, "slack": posts}
        deliveries = [Delivery.from_json(record["body"]) for record in batch["Records"]]
        sent = {
            (delivery.notification.event_id, delivery.destination): delivery.notification for delivery in deliveries
        }
        # Whatever order they are logged in, nothing is sent after something is put off.
        in_order = sorted(settled.items(), key=lambda item: item[0][1] is not outcomes.Sent)
        for (destination, outcome, why), each in in_order:
            event_ids = tuple(logged.fields.correlation_id for logged in each)
            match outcome:
                case outcomes.Sent:
                    told = tuple(sent[event_id, destination] for event_id in event_ids)
                    self._tell(Arrived(self._now, destination, told, arrived[destination]))
                case outcomes.Deferred:
                    seconds = tuple(
                        logged.outcome.seconds for logged in each if isinstance(logged.outcome, outcomes.Deferred)
                    )
                    self._tell(Deferred(self._now, destination, event_ids, why, seconds))
                case outcomes.DeadLettered:
                    self._given_up.update((destination, event_id) for event_id in event_ids)
                    self._tell(DeadLettered(self._now, destination, event_ids, why))
        return answer

    def _tell_dead_letters(self) -> None:
        """Tell what the queue itself gave up."""
        letters: defaultdict[str, list[str]] = defaultdict(list)
        for delivery in map(json.loads, self._cloud.queue("FailedDeliveries").bodies):
            event_id = delivery["notification"]["event_id"]
            if (delivery["destination"], event_id) not in self._given_up:
                letters[delivery["destination"]].append(event_id)
        for destination, event_ids in letters.items():
            self._tell(DeadLettered(self._now, destination, tuple(event_ids), TOO_OFTEN))
