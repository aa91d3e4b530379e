"""Deliveries: a notification on its way to each of its destinations."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import msgspec

from notifier.model.notification import RUNBOOK, Notification
from notifier.model.sanitize import tidy
from notifier.model.status_change import Fact, Link

if TYPE_CHECKING:
    from notifier.routes.decisions import Decision, Recipient


class UnreadableDeliveryError(Exception):
    """A text is no delivery; the message names the place of the error and quotes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One notification for the destination of one name.

    A *silent* delivery takes the whole path, but its destination gets no message. A *root_only* one posts nothing: it
    edits the incident's first message. The *first* one about an incident has nothing to wait for.
    """

    notification: Notification
    destination: str
    silent: bool = False
    root_only: bool = False
    first: bool = False

    @property
    def id(self) -> str:
        """The id, which is the same each time for the same event and destination."""
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


def dispatch(notification: Notification, decision: "Decision", *, silent: bool = False) -> tuple[Delivery, ...]:
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
        note = Fact("Note", tidy(f"the text of the route {route.name} could not be written: {error}"))
        return replace(mentioning, facts=(*mentioning.facts, note))
    links = templates.template_links(route.body, body) if route.body and body else ()
    return replace(mentioning, custom_title=title, custom_body=body, links=(*mentioning.links, *links))
