"""The schedules of a simulation: the events that enter the stack, and when."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import cycle, islice
from typing import Any, Final
from uuid import uuid4

from notifier.model.status_change import Severity
from proton_notifier.common.event_files import compose_notification
from proton_notifier.fakes.server import FakeServer
from proton_notifier.localaws.cloud import LocalCloud, Summary
from proton_notifier.replay.simulation import Step

# The services of a storm; one that fails more often stands here more often.
SERVICES: Final = ("checkout", "invoices", "checkout", "orders", "checkout", "invoices")
# Longer than a message needs that is deferred once: two batching windows, and the second that Slack asks for.
PAIR_SECONDS: Final = 15


class LoadError(Exception):
    """The event files do not give the load; the message says why."""


def failures(samples: Iterable[dict[str, Any]], number: int) -> tuple[dict[str, Any], ...]:
    """Repeat the failures among *samples* until there are *number*, each of another resource.

    If some are of resources that belong to a service, only these are repeated, in several services.
    """
    found = [sample for sample in samples if _is_failure(sample)]
    if number and not found:
        message = "no event file holds a failure of which a storm could be made"
        raise LoadError(message)
    found = [sample for sample in found if "serviceName" in sample["detail"]] or found
    repeated = enumerate(islice(zip(cycle(found), cycle(SERVICES), strict=False), number), start=1)
    return tuple(_renamed(*each, f"{position:0{len(str(number))}}") for position, each in repeated)


def storm(events: Sequence[dict[str, Any]], cloud: LocalCloud) -> list[Step]:
    """Let all of *events* arrive within a second."""
    return [_step(number / len(events), "the storm", event, cloud) for number, event in enumerate(events)]


def sequence(samples: Mapping[str, dict[str, Any]], cloud: LocalCloud, *, in_pairs: bool) -> list[Step]:
    """Let one of *samples*, which are events by name, arrive each second, or two each PAIR_SECONDS."""
    return [
        _step(number // 2 * PAIR_SECONDS + number % 2 if in_pairs else number, name, event, cloud)
        for number, (name, event) in enumerate(samples.items())
    ]


def stamped(event: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Give *event* a new id and the time *at*, as the event bus does; an event without them stays so."""
    stamps = {"id": str(uuid4()), "time": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    return {key: stamps.get(key, value) for key, value in event.items()}


def outage(slack: FakeServer, seconds: float) -> list[Step]:
    """Let *slack* be down for the first *seconds*."""

    def switch(*, is_down: bool) -> list[Summary]:
        slack.is_down = is_down
        return []

    return [
        Step(0, "Slack goes down", partial(switch, is_down=True), is_notice=True),
        Step(seconds, "Slack is up again", partial(switch, is_down=False), is_notice=True),
    ]


def _step(at_seconds: float, name: str, event: dict[str, Any], cloud: LocalCloud) -> Step:
    return Step(at_seconds, name, lambda: cloud.receive(stamped(event, datetime.now(UTC))))


def _is_failure(sample: dict[str, Any]) -> bool:
    """Return whether *sample* is a failure of a resource that can be renamed."""
    notification = compose_notification(sample)
    match sample:
        case {"resources": [str(), *_], "detail": {"name": str(name)}}:
            # A resource without a key is known by its ARN.
            return notification.severity is Severity.FAILURE and name in (notification.key or name)
        case _:
            return False


def _renamed(sample: dict[str, Any], service: str, suffix: str) -> dict[str, Any]:
    arns = [f"{arn}-{suffix}" for arn in sample["resources"]]
    detail = {**sample["detail"], "name": f"{sample['detail']['name']}-{suffix}"}
    if "serviceName" in detail:
        arns = [arn.replace(f"/{detail['serviceName']}/", f"/{service}/") for arn in arns]
        detail["serviceName"] = service
    return {**sample, "resources": arns, "detail": detail}
