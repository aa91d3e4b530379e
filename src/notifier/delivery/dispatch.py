"""Make the deliveries of a notification."""

from dataclasses import replace

from notifier.delivery.delivery import Delivery
from notifier.model.notification import RUNBOOK, Notification
from notifier.model.sanitize import tidy
from notifier.model.status_change import Fact, Link
from notifier.routes.decisions import Decision, Recipient


def dispatch(notification: Notification, decision: Decision, *, silent: bool = False) -> tuple[Delivery, ...]:
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


def apply_templates(notification: Notification, recipient: Recipient) -> Notification:
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
