"""The table of sources: which module reads an event, and how the first function treats it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Final

from notifier.model.status_change import Reading
from notifier.sources.envelope import Event

# The schedules' rules, as their own events name them; such an event may lie among the dead letters.
HEARTBEAT_RULE: Final = re.compile(r"arn:[^:]*:events:.*:rule/.*-HeartbeatRule-[^/]*")
SWEEP_RULE: Final = re.compile(r"arn:[^:]*:events:.*:rule/.*-SweepRule-[^/]*")
HEARTBEAT_SOURCE: Final = "notifier.sources.heartbeat"
# It asks the memory what is due.
SWEEP_SOURCE: Final = "notifier.sources.sweep"
# No rule of the stack matches it: a test event comes from somebody who may invoke the function.
TEST_SOURCE: Final = "notifier.test"
ROUTES_SOURCE: Final = "aws.ssm"


class Audience(StrEnum):
    """The recipients of a source's notifications."""

    ROUTES = "routes"  # those that the routes choose
    EVERYONE = "everyone"
    NOBODY = "nobody"


class Answer(StrEnum):
    """The content of the events function's response."""

    SUMMARY = "summary"
    EXPLANATION = "explanation"  # the summary, and why the routes chose these recipients
    ROUTES = "routes"  # the error of the routes document
    DUE = "due"  # the number of incidents about which something was due


@dataclass(frozen=True, slots=True)
class Source:
    """A source of events.

    An event belongs to it if its `source` is *name*, its `detail-type` is *detail_type* and one of its resources
    matches *resource*; the last two only where they are given. *module* has the table `EVENT_TYPES` or the function
    `read`; it is imported when its first event comes, so that a cold start loads one source. A source with an *option*
    of the template's parameter `Sources` has a rule there. With *has_reasons* AWS can be asked why something failed,
    with *has_creators* if a success is that of a rollback. With *fresh_routes* the cached routes do not suffice.
    """

    name: str
    module: str
    option: str | None = None
    detail_type: str | None = None
    resource: re.Pattern[str] | None = None
    has_reasons: bool = False
    has_creators: bool = False
    audience: Audience = Audience.ROUTES
    answer: Answer = Answer.SUMMARY
    fresh_routes: bool = False

    def matches(self, event: Event) -> bool:
        """Tell if *event* belongs to this source."""
        return (
            event.source == self.name
            and self.detail_type in {None, event.detail_type}
            and (self.resource is None or any(map(self.resource.fullmatch, event.resources)))
        )

    def read(self, event: Event) -> Reading:
        """Read *event* as a status change and its meaning."""
        module = import_module(self.module)
        if hasattr(module, "read"):
            reading: Reading = module.read(event)
            return reading
        # Imported here, as Proton's source does without it.
        from notifier.sources.reader import read  # noqa: PLC0415

        return read(event, getattr(module, "EVENT_TYPES", {}))


OTHER: Final = Source("", "notifier.sources.unlisted")
SOURCES: Final = (
    Source("aws.apprunner", "notifier.sources.operations.apprunner", "apprunner"),
    Source("aws.autoscaling", "notifier.sources.operations.autoscaling", "autoscaling"),
    Source("aws.backup", "notifier.sources.operations.backup", "backup"),
    Source("aws.cloudformation", "notifier.sources.cloudformation.event_types", "cloudformation", has_reasons=True),
    Source("aws.cloudwatch", "notifier.sources.operations.cloudwatch", "alarms"),
    Source("aws.codebuild", "notifier.sources.developer_tools.codebuild", "codebuild"),
    Source("aws.codeconnections", "notifier.sources.developer_tools.codeconnections", "gitsync", has_reasons=True),
    Source(
        "aws.codedeploy",
        "notifier.sources.developer_tools.codedeploy",
        "codedeploy",
        has_reasons=True,
        has_creators=True,
    ),
    Source("aws.codepipeline", "notifier.sources.developer_tools.codepipeline", "codepipeline", has_reasons=True),
    Source("aws.ecr", "notifier.sources.operations.ecr", "ecr"),
    Source("aws.ecs", "notifier.sources.operations.ecs", "ecs", has_reasons=True),
    Source("aws.events", "notifier.sources.own.heartbeat", resource=HEARTBEAT_RULE, audience=Audience.EVERYONE),
    Source("aws.events", OTHER.module, resource=SWEEP_RULE, audience=Audience.NOBODY, answer=Answer.DUE),
    Source("aws.guardduty", "notifier.sources.operations.guardduty", "guardduty"),
    Source("aws.health", "notifier.sources.operations.health", "health"),
    Source("aws.proton", "notifier.sources.proton.event_types", "proton"),
    Source(
        ROUTES_SOURCE,
        OTHER.module,
        detail_type="Parameter Store Change",
        audience=Audience.NOBODY,
        answer=Answer.ROUTES,
        fresh_routes=True,
    ),
    Source("aws.ssm", "notifier.sources.operations.ssm", "ssm"),
    Source("aws.states", "notifier.sources.operations.states", "stepfunctions"),
    Source(HEARTBEAT_SOURCE, "notifier.sources.own.heartbeat", audience=Audience.EVERYONE),
    Source(SWEEP_SOURCE, OTHER.module, audience=Audience.NOBODY, answer=Answer.DUE),
    Source(TEST_SOURCE, "notifier.sources.own.test_message", answer=Answer.EXPLANATION, fresh_routes=True),
)


def source_of(event: Event) -> Source:
    """Find the source of *event*."""
    return next((source for source in SOURCES if source.matches(event)), OTHER)
