"""A worker of one destination, and the turns of incidents that it tells there."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from notifier.channels.destination import Destination
from notifier.channels.pagerduty import PagerDutyChannel
from notifier.channels.slack.bot import SlackBotChannel
from notifier.delivery.attempts import PlainMessages, QueuedDelivery
from notifier.delivery.delivery import Delivery
from notifier.delivery.ledger import LedgerError, LedgerRow
from notifier.delivery.outcomes import Outcome
from notifier.delivery.worker import send_batch
from notifier.model.incident import Incident, State, Turn
from notifier.model.status_change import Severity
from proton_notifier.fakes.slack_workspace import Post, reject
from tests.faulty_slack import FaultyWorkspace
from tests.notifier.delivery.processes import MemoryLedger, Uninterrupted
from tests.notifier.delivery.worlds import bound
from tests.samples import event, notification

if TYPE_CHECKING:
    from collections.abc import Callable

    from notifier.delivery.attempts import HasTimeFor

FAILURE = notification(event("service-update-failed"))
OPENED_AT = datetime(2026, 3, 3, 10, tzinfo=UTC)
BOT = Destination("alerts", "slack-bot", (("token", "token"), ("channel", "C0ALERTS")))
PAGER = Destination("pager", "pagerduty", (("routing_key", "key"), ("url", "https://events.pagerduty.com/v2/enqueue")))
SEVERITIES = {Turn.RECOVERED: Severity.RECOVERED, Turn.PROGRESS: Severity.PROGRESS}


class BrokenLedger(MemoryLedger):
    """A ledger, some of whose calls fail."""

    broken: tuple[str, ...] = ()

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401 - any attribute
        if name != "broken" and name in self.broken:
            message = f"no {name}"
            raise LedgerError(message)
        return super().__getattribute__(name)


class Slack:
    """A channel of Slack, and the worker that posts there."""

    destination = BOT
    kind: Any = SlackBotChannel

    def __init__(self) -> None:
        self.workspace = FaultyWorkspace({"C0ALERTS": None}, [])
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.rows: dict[str, LedgerRow] = {}
        self.now = 1_000.0
        self.ledger = BrokenLedger(self.rows, Uninterrupted(), lambda: self.now)
        self.has_time_for: HasTimeFor = lambda _step: True
        self.rejects: Callable[[dict[str, Any]], bool] = lambda _arguments: False

    def answer(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Answer as Slack does."""
        self.calls.append((method, arguments))
        if method == "chat.postMessage" and self.rejects(arguments):
            reject("invalid_blocks")
        return self.workspace.methods[method](arguments)

    def send(self, *deliveries: Delivery, attempts: int = 1) -> list[Outcome]:
        """Work a batch off."""
        items = [QueuedDelivery(str(number), attempts, each) for number, each in enumerate(deliveries)]
        channel = bound(self.kind, self.destination, self.answer, Uninterrupted())
        outcomes = send_batch(items, PlainMessages(channel, self.ledger, self.has_time_for, jitter=lambda: 1.0))
        return [outcomes[item.message_id] for item in items]

    @property
    def root(self) -> Post:
        """The only message outside of threads."""
        (root,) = self.workspace.roots
        return root

    def thread(self) -> list[str]:
        """List the headlines in the thread of the only root."""
        return [headline(post.payload) for post in self.workspace.replies(self.root.ts)]


class Pager(Slack):
    """A service of PagerDuty."""

    destination = PAGER
    kind = PagerDutyChannel

    def answer(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Take every event."""
        self.calls.append((method, arguments))
        return {}


def turn(
    kind: Turn,
    number: int | None,
    incident: str = "1",
    thread: str = "",
    *,
    at: int = 0,
    root_only: bool = False,
    first: bool = False,
    to: str = "alerts",
) -> Delivery:
    """Make the delivery of a turn, whose headline names incident and turn, *at* minutes past ten."""
    state = State.CLOSED if kind is Turn.RECOVERED else State.FAILING
    about = Incident(incident, thread or incident, kind, state, number, OPENED_AT, 1, broadcast=kind is Turn.RECOVERED)
    told = replace(
        FAILURE,
        event_id=incident if kind is Turn.OPENED else f"{incident}-{kind}",
        key=f"key {thread or incident}",
        severity=SEVERITIES.get(kind, Severity.FAILURE),
        headline=f"{incident} {kind}",
        occurred_at=OPENED_AT + timedelta(minutes=at),
        incident=about,
    )
    return Delivery(notification=told, destination=to, root_only=root_only, first=first)


def headline(content: dict[str, Any]) -> str:
    """Read the headline out of a message's text."""
    return str(content["text"]).partition("checkout ")[2].partition(" (")[0]


OPENED = turn(Turn.OPENED, 1)
PROGRESS = turn(Turn.PROGRESS, 2, at=1)
AGAIN = turn(Turn.AGAIN, 3, at=2)
RECOVERED = turn(Turn.RECOVERED, 4, at=3)
