"""The table of sources: which module reads an event, and how the events function treats it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Final

from notifier.model.status_change import Reading
from notifier.sources.envelope import Event

# The ARNs of the schedules' rules; a dead letter may hold EventBridge's own event, with this ARN.
HEARTBEAT_RULE: Final = re.compile(r"arn:[^:]*:events:.*:rule/.*-HeartbeatRule-[^/]*")
SWEEP_RULE: Final = re.compile(r"arn:[^:]*:events:.*:rule/.*-SweepRule-[^/]*")
HEARTBEAT_SOURCE: Final = "notifier.sources.heartbeat"
# An event of the sweep asks the memory what is due.
SWEEP_SOURCE: Final = "notifier.sources.sweep"
# No rule of the stack matches a test: its sender invokes the function.
TEST_SOURCE: Final = "notifier.test"
ROUTES_SOURCE: Final = "aws.ssm"


class Purpose(StrEnum):
    """The purpose of a source's events, by which the events function treats them."""

    STATUS = "status"  # a notification by the routes
    TEST = "test"  # a notification by the routes; the response explains their decision
    HEARTBEAT = "heartbeat"  # a notification for every destination
    ROUTES = "routes"  # a change of the routes document; the response has its error
    SWEEP = "sweep"  # a sweep of the memory; the response has the number of due notifications


@dataclass(frozen=True, slots=True)
class Source:
    """A source of events.

    An event belongs to it if its `source` is *name*, its `detail-type` is *detail_type* and one of its resources
    matches *resource*, if given. *module* has the table `EVENT_TYPES` or the function `read`; it is imported for its
    first event, so that a cold start loads one source. A source with an *option* of the template's parameter `Sources`
    has a rule in the template. With *has_reasons*, AWS can be asked for the reason of a failure; with *has_creators*,
    whether a success is that of a rollback.
    """

    name: str
    module: str
    option: str | None = None
    detail_type: str | None = None
    resource: re.Pattern[str] | None = None
    has_reasons: bool = False
    has_creators: bool = False
    purpose: Purpose = Purpose.STATUS

    def matches(self, event: Event) -> bool:
        """Check whether *event* belongs to this source."""
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
        # Imported here, as the notifier's own events do not need it.
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
    Source("aws.events", "notifier.sources.self_tests", resource=HEARTBEAT_RULE, purpose=Purpose.HEARTBEAT),
    Source("aws.events", OTHER.module, resource=SWEEP_RULE, purpose=Purpose.SWEEP),
    Source("aws.guardduty", "notifier.sources.operations.guardduty", "guardduty"),
    Source("aws.health", "notifier.sources.operations.health", "health"),
    Source("aws.proton", "notifier.sources.proton.event_types", "proton"),
    Source(
        ROUTES_SOURCE,
        OTHER.module,
        detail_type="Parameter Store Change",
        purpose=Purpose.ROUTES,
    ),
    Source("aws.ssm", "notifier.sources.operations.ssm", "ssm"),
    Source("aws.states", "notifier.sources.operations.states", "stepfunctions"),
    Source(HEARTBEAT_SOURCE, "notifier.sources.self_tests", purpose=Purpose.HEARTBEAT),
    Source(SWEEP_SOURCE, OTHER.module, purpose=Purpose.SWEEP),
    Source(TEST_SOURCE, "notifier.sources.self_tests", purpose=Purpose.TEST),
)


def source_of(event: Event) -> Source:
    """Find the source of *event*."""
    return next((source for source in SOURCES if source.matches(event)), OTHER)
