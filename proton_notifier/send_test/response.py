"""The response of a deployed stack's events function to a test event, and its description for a person."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ValidationError

from notifier.channels.pagerduty import RESOLVES, TRIGGERS
from notifier.model.sanitize import tidy
from notifier.model.status_change import Severity
from notifier.routes.decisions import RouteOutcome
from notifier.sources.self_tests import RequestedTest
from proton_notifier.common.deployed_stack import stop
from proton_notifier.routes.output import format_time, outcome_text

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# Longer than the function's time-out (template.yaml).
RESPONSE_SECONDS: Final = 40
# The template's output with the source of the test events that the stack understands.
TEST_EVENT_SOURCE: Final = "TestEventSource"
EARLIER_VERSION: Final = """deploy this version first
  The stack's version does not know tests: it would alert everybody of an unknown status change."""
FUNCTION_FAILED: Final = """the events function failed: {error}
  Fix the cause: "Function errors" in docs/operations.md. The test is not retried."""
OTHER_VERSION: Final = """the events function responds as another version does: deploy this version
  {body}"""
# The proof that an accepted message gives, by channel type.
PROOFS: Final[Mapping[str, str]] = {
    "pagerduty": "PagerDuty accepted it",
    "slack": "Slack posted it",
    "slack-bot": "Slack posted it",
    "slack-workflow": "Slack accepted it, and the workflow's activity log shows the result",
    "sns": "SNS accepted it, for all confirmed subscriptions",
    "teams": "the flow accepted it, and its run history shows whether it posted the card",
    "webhook": "the receiver accepted it",
}
SILENCED: Final = """the test goes to nobody, because it is silenced
  All silences: notifier silence list --stack {stack}
  --to NAME bypasses them; the destinations are {destinations}."""
UNROUTED: Final = """no route sends a test with severity {severity} anywhere
  A test has no service, environment or status. `notifier routes test` shows where a real event goes.
  --to NAME bypasses the routes; the destinations are {destinations}."""


class Silence(BaseModel):
    """A silence that matches the test."""

    until: datetime
    reason: str
    by: str


class RouteResult(BaseModel):
    """The result of the test at a route, and the *key* and *value* that excluded it."""

    name: str
    outcome: RouteOutcome
    key: str | None
    value: str | None


class Recipient(BaseModel):
    """A destination of the test, and the route that leads there."""

    destination: str
    route: str
    mention: str | None

    def __str__(self) -> str:
        mention = f", mentions {self.mention}" if self.mention else ""
        return f"{self.destination} ({self.route}{mention})"


class FunctionResponse(BaseModel):
    """The events function's response; *known* has the channel types of all destinations by name."""

    title: str
    silenced_by: Silence | None
    routes: tuple[RouteResult, ...]
    recipients: tuple[Recipient, ...]
    known: dict[str, str]
    error: str

    @property
    def destinations(self) -> list[str]:
        """List the destinations that get the test."""
        return [recipient.destination for recipient in self.recipients]

    def lines(self) -> Iterator[str]:
        """Describe the destinations of the test, and why others do not get it."""
        yield self.title
        yield f"goes to {', '.join(map(str, self.recipients)) or 'nobody'}"
        if self.error:
            yield f'error: {self.error}: "Routes in trouble" in docs/operations.md'
        if self.silenced_by:
            silence = self.silenced_by
            yield f"silenced until {format_time(silence.until)}, by {silence.by}: {silence.reason}"
        for route in self.routes:
            if route.outcome is RouteOutcome.QUIET or not self.recipients:
                yield f"{route.name}: {outcome_text(route.outcome, route.key, route.value)}"
        # With --to, the function evaluates no route.
        if self.recipients and self.routes and (others := self.known.keys() - set(self.destinations)):
            yield f"not to {', '.join(sorted(others))}: no route sends it there now, --to NAME would"

    def errors(self, test: RequestedTest) -> Iterator[str]:
        """Describe the errors that keep *test* from its destinations, and the remedies."""
        destinations = ", ".join(self.known)
        for name in test.to:
            if name not in self.known:
                yield f"there is no destination named {name}; there are {destinations}"
        if not (self.recipients or test.to):
            error = SILENCED if self.silenced_by else UNROUTED
            yield error.format(stack=test.stack, severity=test.severity, destinations=destinations)

    def proof(self, destination: str, severity: Severity) -> str:
        """Describe the proof that the acceptance of the test by *destination* gives."""
        if self.known[destination] == "pagerduty" and severity not in TRIGGERS and severity not in RESOLVES:
            return f"PagerDuty gets nothing of severity {severity}, so no request was made"
        return PROOFS[self.known[destination]]

    def opened_alerts(self, severity: Severity) -> list[str]:
        """List the destinations where the test opens an alert, which stays open until a recovery."""
        return [name for name in self.destinations if self.known[name] == "pagerduty" and severity in TRIGGERS]


def invoke(functions: "LambdaClient", name: str, event: Mapping[str, Any]) -> FunctionResponse:
    """Invoke the function *name* with *event*, and wait until its deliveries are queued."""
    response = functions.invoke(FunctionName=name, Payload=json.dumps(event).encode())
    body = response["Payload"].read()
    if "FunctionError" in response:
        failed = json.loads(body)
        error = ": ".join(str(failed[key]) for key in ("errorType", "errorMessage") if key in failed)
        stop(FUNCTION_FAILED.format(error=tidy(error)))
    try:
        return FunctionResponse.model_validate_json(body)
    except ValidationError:
        stop(OTHER_VERSION.format(body=tidy(body.decode())))
