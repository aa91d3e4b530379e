"""What the deployed function answers to a test event, and how a person reads it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from notifier.channels.pagerduty import RESOLVES, TRIGGERS
from notifier.model.status_change import Severity
from notifier.routes.decisions import Outcome
from notifier.sources.test_message import RequestedTest
from proton_notifier.common.times import on_clocks
from proton_notifier.routes.explain import worded

# What a place's yes means, by its type of channel.
YES: Final[Mapping[str, str]] = {
    "pagerduty": "PagerDuty took it",
    "slack": "Slack posted it",
    "slack-bot": "Slack posted it",
    "slack-workflow": "Slack took it, and the workflow's activity log tells what became of it",
    "sns": "SNS took it, for whoever has confirmed a subscription",
    "teams": "the flow took it, and its run history tells whether it showed the card",
    "webhook": "the receiver said yes",
}


# Why nobody is told, and what to do.
SILENCED: Final = """nobody is told, for it is silenced
  All silences: notifier silence list --stack {stack}
  --to NAME goes past them, to {known}."""
UNROUTED: Final = """no route sends a test with severity {severity} anywhere
  A test has no service, environment or status. `notifier routes test` tells where a real event goes.
  --to NAME goes past the routes, to {known}."""


class Answered(BaseModel):
    """A part of the answer."""

    model_config = ConfigDict(frozen=True)


class Silence(Answered):
    """What keeps the test from everybody."""

    until: datetime
    reason: str
    by: str


class Asked(Answered):
    """A route, and what became of the test there."""

    name: str
    outcome: Outcome
    key: str | None
    value: str | None

    def __str__(self) -> str:
        return f"{self.name}: {worded(self.outcome, self.key, self.value)}"


class Told(Answered):
    """A destination that is told, and by which route."""

    destination: str
    route: str
    mention: str | None

    def __str__(self) -> str:
        mention = f", mentions {self.mention}" if self.mention else ""
        return f"{self.destination} ({self.route}{mention})"


class Answer(Answered):
    """What the function made of the test; *known* are the types of all destinations by name."""

    title: str
    silenced_by: Silence | None
    routes: tuple[Asked, ...]
    recipients: tuple[Told, ...]
    known: dict[str, str]
    error: str

    def lines(self) -> Iterator[str]:
        """Say where the test goes, and why not elsewhere."""
        yield f"goes to {', '.join(map(str, self.recipients)) or 'nobody'}"
        if self.error:
            yield f'in trouble: {self.error}: "Routes in trouble" in docs/operations.md'
        if self.silenced_by:
            silence = self.silenced_by
            yield f"silenced until {on_clocks(silence.until)}, by {silence.by}: {silence.reason}"
        for route in self.routes:
            if route.outcome is Outcome.QUIET or not self.recipients:
                yield str(route)
        told = {recipient.destination for recipient in self.recipients}
        # Past the routes, none was asked.
        if told and self.routes and (others := self.known.keys() - told):
            yield f"not to {', '.join(sorted(others))}: no route sends it there now, --to NAME would"

    def problems(self, test: RequestedTest) -> Iterator[str]:
        """Say what keeps *test* from going where it was to go, and what to do."""
        known = ", ".join(self.known)
        for name in test.to:
            if name not in self.known:
                yield f"there is no destination named {name}; there are {known}"
        if not (self.recipients or test.to):
            why = SILENCED if self.silenced_by else UNROUTED
            yield why.format(stack=test.stack, severity=test.severity, known=known)

    def yes(self, destination: str, severity: Severity) -> str:
        """Say what is proved by the yes of *destination*."""
        if self.known[destination] == "pagerduty" and severity not in TRIGGERS and severity not in RESOLVES:
            return f"PagerDuty hears nothing of {severity}, so that it was not asked"
        return YES[self.known[destination]]

    def opens_alert(self, destination: str, severity: Severity) -> bool:
        """Whether *destination*, once it has the test, calls somebody until it hears that all is well."""
        return self.known[destination] == "pagerduty" and severity in TRIGGERS
