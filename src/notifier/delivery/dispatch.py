"""Which deliveries a notification becomes."""

from dataclasses import replace

from notifier.delivery.delivery import Delivery
from notifier.model.notification import Notification
from notifier.model.sanitize import tidy
from notifier.model.status_change import Fact
from notifier.routes.decisions import Decision, Recipient


def dispatch(notification: Notification, decision: Decision, *, silent: bool = False) -> tuple[Delivery, ...]:
    """Make a delivery for each recipient, in the words that its route wants; *silent* if nobody is to get a message."""
    return tuple(
        Delivery(
            notification=apply_templates(notification, recipient), destination=recipient.destination, silent=silent
        )
        for recipient in decision.recipients
    )


def apply_templates(notification: Notification, recipient: Recipient) -> Notification:
    """Put the texts of the recipient's route in place of ours; where one fails, ours stays, with a note."""
    route = recipient.route
    told = replace(notification, mention=recipient.mention)
    if not (route.title or route.body):
        return told
    # Jinja is loaded for those who have texts of their own.
    from notifier.routes import templates  # noqa: PLC0415

    try:
        title = templates.render_title(route.title, notification) if route.title else None
        body = templates.render_body(route.body, notification) if route.body else None
    except templates.RouteTemplateError as error:
        note = Fact("Note", tidy(f"the text of the route {route.name} could not be written: {error}"))
        return replace(told, facts=(*told.facts, note))
    links = templates.template_links(route.body, body) if route.body and body else ()
    return replace(told, custom_title=title, custom_body=body, links=(*told.links, *links))
