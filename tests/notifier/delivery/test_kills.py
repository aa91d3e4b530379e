"""Ends a worker before and after each call that it makes about an incident, one run for each point."""

from functools import partial
from itertools import count

import pytest

from notifier.channels.slack.bot import SlackBotChannel
from notifier.delivery.attempts import PlainMessages, QueuedDelivery
from notifier.delivery.delivery import Delivery
from notifier.delivery.outcomes import Deferred, Outcome
from notifier.delivery.worker import send_batch
from notifier.model.incident import Turn
from proton_notifier.fakes.slack_workspace import Workspace
from tests.notifier.delivery.conversing import AGAIN, BOT, OPENED, RECOVERED, Slack, headline, turn
from tests.notifier.delivery.processes import MemoryLedger, Process
from tests.notifier.delivery.worlds import bound

BATCHES = {
    "an incident": ((OPENED,), (AGAIN,), (RECOVERED,)),
    "a story in one batch": ((OPENED, AGAIN, RECOVERED),),
    "a family": (
        (OPENED, turn(Turn.OPENED, 1, "member", "1")),
        (RECOVERED,),
        (turn(Turn.RECOVERED, 2, "member", "1", at=4),),
    ),
    "a digest and what comes after it": (
        tuple(turn(Turn.OPENED, 1, str(number)) for number in range(3)),
        tuple(turn(Turn.RECOVERED, 2, str(number), at=1) for number in range(3)),
    ),
}
# Longer than a lease.
A_WHILE_SECONDS = 700


class Mortal(Slack):
    """A worker that ends at one of its calls and is started again."""

    def __init__(self, ends_at: int) -> None:
        super().__init__()
        self.left = ends_at

    def deliver(self, *deliveries: Delivery) -> None:
        """Deliver until nothing is left to do."""
        attempts = 0
        waiting = [*deliveries]
        while waiting:
            attempts += 1
            assert attempts < 10
            outcomes: list[Outcome] = []
            process = Process(partial(self._work, tuple(waiting), attempts, outcomes))
            while not process.over:
                process.step(ends=self.left == 0)
                self.left -= 1
            if outcomes:
                waiting = [
                    each for each, outcome in zip(waiting, outcomes, strict=True) if isinstance(outcome, Deferred)
                ]
            self.now += A_WHILE_SECONDS

    def _work(self, batch: tuple[Delivery, ...], attempts: int, outcomes: list[Outcome], process: Process) -> None:
        ledger = MemoryLedger(self.rows, process, lambda: self.now)
        items = [QueuedDelivery(str(number), attempts, each) for number, each in enumerate(batch)]
        channel = bound(SlackBotChannel, BOT, self.answer, process)
        made = send_batch(items, PlainMessages(channel, ledger, lambda _step: True, jitter=lambda: 1.0))
        outcomes += [made[item.message_id] for item in items]


def told(workspace: Workspace) -> list[tuple[bool, str, str]]:
    """List what stands in the channel: whether it is a reply, what it said at first, and what it shows."""
    return [
        (bool(post.thread_ts), headline(post.payload) or str(post.payload["text"]), str(post.content["text"]))
        for post in workspace.posts.values()
    ]


@pytest.mark.parametrize("name", BATCHES)
def test_an_end_at_any_call_changes_nothing_of_what_is_shown(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the bot may read the channel, it is the same as without an end."""
    monkeypatch.setattr("notifier.delivery.parallel_calls.MAX_PARALLEL_CALLS", 1)
    whole = Mortal(-1)
    for batch in BATCHES[name]:
        whole.deliver(*batch)

    for ends_at in count():
        worker = Mortal(ends_at)
        for batch in BATCHES[name]:
            worker.deliver(*batch)

        assert told(worker.workspace) == told(whole.workspace), ends_at
        if worker.left >= 0:
            break
    assert ends_at > 20
