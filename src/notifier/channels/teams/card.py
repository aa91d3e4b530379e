"""Messages as a Workflows webhook of Microsoft Teams takes them: an Adaptive Card.

There is no SDK of Microsoft's for these webhooks. All text stands in text runs, of which the published schema says
that "Markdown is not supported": in the other elements a name's underscore or bracket would be markup, and no escape
is documented. What Teams does not show it does not report, so the card holds nothing optional.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Final

from notifier.channels.base import UNLIMITED_BATCH, Clients
from notifier.channels.destination import Destination, Setting, secret_setting
from notifier.channels.digest import TOLD_LIMIT, Digest, digest
from notifier.channels.errors import Reason, listed
from notifier.channels.http.client import Vendor, Webhook, refusal
from notifier.channels.secrets import Secret
from notifier.model.notification import Notification
from notifier.model.sanitize import cut, title_within
from notifier.model.status_change import Fact, Severity

# Microsoft says 28 KB of the message's JSON; flows were seen to refuse less.
SIZE_LIMIT: Final = 18_000
# The longest that a route's own text and values may be, tried in turn until the card is small enough.
VALUE_LIMITS: Final = (2_000, 300, 100, 30)
TITLE_LIMIT: Final = 300
# Of a digest's lines.
LINE_LIMIT: Final = 200
LABEL_LIMIT: Final = 100

# By the code of a trigger's error, of Power Automate and of Azure Logic Apps, which runs the flows.
REASONS: Final = listed(
    {
        Reason.GONE: (
            "EnvironmentNotFound FlowNotFound ResourceNotFound SubscriptionNotFound WorkflowNotFound "
            "WorkflowTriggerNotFound"
        ),
        # WorkflowTriggerIsNotEnabled: the flow is off, or was deleted.
        Reason.MISCONFIGURED: (
            "FlowDisabled FlowSuspended InvalidApiVersion InvalidApiVersionParameter "
            "InvalidSubscriptionId InvalidTemplate MissingApiVersionParameter "
            "TriggerRequestMethodNotValid TriggerRequestUriNotValid WorkflowDisabled WorkflowSuspended "
            "WorkflowTriggerIsNotEnabled"
        ),
        Reason.RATE_LIMITED: "RequestThrottled Throttled TooManyRequests",
        Reason.REJECTED: "InvalidRequestContent RequestEntityTooLarge TriggerInputSchemaMismatch",
        Reason.TIMED_OUT: "GatewayTimeout OperationTimedOut RequestTimeout ServerTimeout",
        Reason.UNAUTHORISED: (
            "AccessDenied AuthorizationFailed DirectApiAuthorizationRequired "
            "DirectApiInvalidAuthorizationScheme DirectApiRequestHasMoreThanOneAuthorization "
            "ExpiredAuthenticationToken Forbidden InvalidAuthenticationToken InvalidUseOfOAuthToken "
            "MisMatchingOAuthClaims OAuthAuthorizationFailed Unauthorized UnauthorizedAccess"
        ),
        Reason.UNAVAILABLE: "BadGateway InternalServerError ServiceUnavailable",
    }
)

# Flows made before 2025 are on the second; any other of Azure's hosts may be a customer's.
TEAMS: Final = Vendor(
    "Teams",
    frozenset({".powerplatform.com", ".logic.azure.com"}),
    re.compile(r'"code"\s*:\s*"([A-Za-z_]{1,60})"'),
    REASONS,
)

COLOURS: Final[Mapping[Severity, str]] = {
    Severity.ACTION: "warning",
    Severity.FAILURE: "attention",
    Severity.INFO: "default",
    Severity.PROGRESS: "accent",
    Severity.RECOVERED: "good",
    Severity.SUCCESS: "good",
}

PAGE: Final = re.compile(r"\s*<(!doctype|html)", re.IGNORECASE)

# {{DATE(...)}} and {{TIME(...)}} in a text are replaced before it is shown.
OPENING: Final = re.compile(r"\{(?=\{)")

Block = dict[str, Any]


class TeamsChannel:
    """Posts to the webhook of a flow."""

    settings: ClassVar[tuple[Setting, ...]] = (secret_setting("webhook", "the URL of a Teams Workflows webhook"),)

    max_batch: ClassVar[int] = UNLIMITED_BATCH

    def __init__(self, clients: Clients) -> None:
        self._secrets = clients.secrets
        self._webhooks = clients.webhooks

    @staticmethod
    def message(notifications: tuple[Notification, ...], _destination: Destination) -> Block:
        """Write the payload."""
        return message(notifications)

    def send(self, notifications: tuple[Notification, ...], destination: Destination) -> None:
        """Post *notifications* in one message; any success counts, as the trigger's differs from flow to flow.

        A page is none: no flow answers with one unless it was made to, but a login page does.
        """
        body = serialised(message(notifications))

        def post(secret: Secret) -> None:
            answer = self._webhooks.post(TEAMS, Webhook(secret.value, f"the secret {secret.name}"), body, {})
            if not answer.success or PAGE.match(answer.text):
                raise refusal(TEAMS, answer)

        self._secrets.use(destination.setting("webhook"), post)


def message(notifications: tuple[Notification, ...]) -> Block:
    """Write the payload for one notification or for several together."""
    return render(notifications[0]) if len(notifications) == 1 else render_digest(notifications)


def serialised(payload: Block) -> bytes:
    """Write *payload* as it is posted."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def render(notification: Notification) -> Block:
    """Write the payload of one notification; if it is too large, the longest values are cut."""
    return _fitting(_card([*_body(notification, limit)], notification) for limit in VALUE_LIMITS)


def render_digest(notifications: tuple[Notification, ...]) -> Block:
    """Write the payload of several notifications: as many lines as fit, the others counted."""
    digests = (digest(notifications, told_limit) for told_limit in range(TOLD_LIMIT, -1, -1))
    return _fitting(_card([*_digest_body(together)]) for together in digests)


def _fitting(payloads: Iterator[Block]) -> Block:
    return next(payload for payload in payloads if len(serialised(payload)) <= SIZE_LIMIT)


def _card(body: list[Block], notification: Notification | None = None) -> Block:
    links = notification.links if notification else ()
    return {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": body,
                    "actions": [{"title": inert(link.label), **_open(link.url)} for link in links],
                },
            }
        ],
    }


def _body(notification: Notification, limit: int) -> Iterator[Block]:
    title = title_within(TITLE_LIMIT, *notification.title_parts)
    yield _text(_run(title, color=COLOURS[notification.severity], size="large", weight="bolder"))
    if notification.custom_body:
        lines = cut(notification.custom_body, limit).splitlines()
        yield from _spaced((_run(line),) for line in lines if line)
    else:
        if notification.next_step:
            yield _text(_run("What to do: ", weight="bolder"), _run(notification.next_step))
        yield from _spaced(
            (_run(f"{fact.label}: ", weight="bolder"), _run(cut(fact.value, limit))) for fact in _facts(notification)
        )
    yield from _spaced(
        (_run(f"{reference.label}: {cut(reference.value, limit)}", size="small", isSubtle=True),)
        for reference in notification.references
    )


def _spaced(lines: Iterable[tuple[Block, ...]]) -> Iterator[Block]:
    """Set the first line apart from what is above it, and the others close to it."""
    for number, line in enumerate(lines):
        yield _text(*line, spacing="small" if number else "default")


def _facts(notification: Notification) -> Iterator[Fact]:
    change = _change(notification, TITLE_LIMIT)
    if change:
        yield Fact("Status", change)
    yield from notification.facts
    if notification.time:
        yield Fact("Time", notification.time)


def _digest_body(together: Digest) -> Iterator[Block]:
    colour = COLOURS[together.severity]
    title = f"{len(together.notifications)} status changes"
    yield _text(_run(title, color=colour, size="large", weight="bolder"))
    yield _text(_run(", ".join(f"{number} {severity}" for severity, number in together.counts)))
    for notification in together.told:
        yield _line(notification)
    for count in together.rest:
        yield _text(
            _severity(count.severity), _run(f"{count.number} more: {cut(count.words, LABEL_LIMIT)}"), spacing="small"
        )


def _line(notification: Notification) -> Block:
    """Write a notification in one line of a digest."""
    title = title_within(LINE_LIMIT, *notification.title_parts)
    place = cut(", ".join(notification.place), LABEL_LIMIT)
    told = " · ".join(filter(None, (title, _change(notification, LABEL_LIMIT), place, notification.time)))
    links = [run for link in notification.links for run in (_run(" · "), _run("Open", selectAction=_open(link.url)))]
    return _text(_severity(notification.severity), _run(told), *links, spacing="small")


def _severity(severity: Severity) -> Block:
    return _run(f"{severity}: ", color=COLOURS[severity], weight="bolder")


def _change(notification: Notification, limit: int) -> str:
    return " → ".join(cut(status, limit) for status in notification.statuses)


def _open(url: str) -> Block:
    return {"type": "Action.OpenUrl", "url": url}


def _text(*inlines: Block, spacing: str = "default") -> Block:
    return {"type": "RichTextBlock", "spacing": spacing, "inlines": list(inlines)}


def _run(text: str, **looks: object) -> Block:
    return {"type": "TextRun", "text": inert(text), **looks}


def inert(text: str) -> str:
    """Take apart what Adaptive Cards would calculate in *text*."""
    return OPENING.sub("{ ", text)
