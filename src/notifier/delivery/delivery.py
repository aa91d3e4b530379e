"""Deliveries of a notification to its destinations, and the SQS queues for them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self

import msgspec

from notifier.channels.destination import Reason
from notifier.delivery.parallel_calls import call_each, chunks
from notifier.model.notification import RUNBOOK, Notification
from notifier.model.sanitize import tidy
from notifier.model.status_change import Fact, Link

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

    from notifier.routes.decisions import Recipient, RoutingDecision

# SQS accepts at most 10 entries in one call.
BATCH_LIMIT: Final = 10


class UnreadableDeliveryError(Exception):
    """A text is no delivery; the message names the position of the error and quotes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One notification for one destination, by name.

    A *silent* delivery takes the whole path, but its destination gets no message. A *root_only* delivery posts nothing:
    it edits the incident's first message. The *first* delivery about an incident waits for no other.
    """

    notification: Notification
    destination: str
    silent: bool = False
    root_only: bool = False
    first: bool = False

    @property
    def id(self) -> str:
        """The id, always the same for the same event and destination."""
        return f"{self.notification.event_id}/{self.destination}"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Parse the JSON of `to_json`; raise `UnreadableDeliveryError`."""
        try:
            return msgspec.json.decode(text, type=cls)
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            raise UnreadableDeliveryError(str(error)) from error

    def to_json(self) -> str:
        """Return the JSON for the queue."""
        return msgspec.json.encode(self).decode()


def dispatch(notification: Notification, decision: "RoutingDecision", *, silent: bool = False) -> tuple[Delivery, ...]:
    """Make a delivery for each recipient, with the texts of its route; if *silent*, without a message."""
    return tuple(
        Delivery(
            notification=apply_templates(notification, recipient),
            destination=recipient.destination,
            silent=silent,
            root_only=recipient.root_only,
            first=recipient.first,
        )
        for recipient in decision.recipients
    )


def apply_templates(notification: Notification, recipient: "Recipient") -> Notification:
    """Add mention, runbook and texts of the recipient's route; if a template fails, add a note instead of the texts."""
    route = recipient.route
    runbook = [Link(RUNBOOK, route.runbook)] if route.runbook else []
    mentioning = replace(notification, mention=recipient.mention, links=(*runbook, *notification.links))
    if not (route.title or route.body):
        return mentioning
    # Imported here, as only a route with templates needs Jinja.
    from notifier.routes import templates  # noqa: PLC0415

    try:
        title = templates.render_title(route.title, mentioning) if route.title else None
        body = templates.render_body(route.body, mentioning) if route.body else None
    except templates.RouteTemplateError as error:
        note = Fact("Note", tidy(f'the text of the route "{route.name}" could not be written: {error}'))
        return replace(mentioning, facts=(*mentioning.facts, note))
    links = templates.template_links(route.body, body) if route.body and body else ()
    return replace(mentioning, custom_title=title, custom_body=body, links=(*mentioning.links, *links))


class EnqueueError(Exception):
    """The queue did not accept every delivery."""


class DeliveriesQueue:
    """The queue of deliveries at *url*."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def put(self, deliveries: tuple[Delivery, ...]) -> None:
        """Enqueue *deliveries*; raise `EnqueueError` if the queue refuses any of them."""
        for batch in chunks(deliveries, BATCH_LIMIT):
            bodies = [delivery.to_json() for delivery in batch]
            response = self._client.send_message_batch(
                QueueUrl=self._url,
                Entries=[{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)],
            )
            failed = response.get("Failed", [])
            if failed:
                refused = (f"{batch[int(entry['Id'])].destination}: {entry['Code']}" for entry in failed)
                message = f"the deliveries queue refused {', '.join(refused)}"
                raise EnqueueError(message)

    def defer(self, delays: Mapping[str, int], may_continue: Callable[[], bool]) -> None:
        """Hide messages, by receipt handle, for the given seconds each, while *may_continue* returns true."""
        entries = [{"ReceiptHandle": handle, "VisibilityTimeout": seconds} for handle, seconds in delays.items()]
        self._call_each(self._client.change_message_visibility_batch, entries, may_continue)

    def delete(self, handles: Sequence[str], may_continue: Callable[[], bool]) -> None:
        """Delete messages by receipt handle, while *may_continue* returns true; the queue redelivers the rest."""
        entries = [{"ReceiptHandle": handle} for handle in handles]
        self._call_each(self._client.delete_message_batch, entries, may_continue)

    def _call_each(
        self, call: Callable[..., object], entries: Sequence[Mapping[str, object]], may_continue: Callable[[], bool]
    ) -> None:
        def call_batch(batch: Sequence[Mapping[str, object]]) -> None:
            numbered = [{"Id": str(number), **entry} for number, entry in enumerate(batch)]
            call(QueueUrl=self._url, Entries=numbered)

        call_each(call_batch, chunks(entries, BATCH_LIMIT), may_continue)


def put_dead_letter(client: "SQSClient", url: str, body: str, reason: Reason, why: str) -> None:
    """Put a delivery's *body* into the dead-letter queue at *url*, with *reason* and *why* as attributes."""
    attributes = {"reason": reason, "why": tidy(why)}
    client.send_message(
        QueueUrl=url,
        MessageBody=body,
        MessageAttributes={name: {"DataType": "String", "StringValue": text} for name, text in attributes.items()},
    )
