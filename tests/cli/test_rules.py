import json
from functools import cache
from typing import Any

import pytest
from moto.events.models import EventPattern
from samtranslator.yaml_helper import yaml_parse

from proton_notifier.common.rules import drop_reason
from proton_notifier.localaws.stack import TEMPLATE
from tests.samples import HEARTBEAT, NAMES, TRIAL, event

FAILURE = event("service-instance-deployment-failed")
CHANGE = {**FAILURE, "source": "aws.ssm", "detail-type": "Parameter Store Change", "detail": {"name": "/stack/routes"}}


@cache
def resources() -> dict[str, Any]:
    """Read the resources of the template."""
    read: dict[str, Any] = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))["Resources"]
    return read


def matched(raw: Any) -> bool:  # noqa: ANN401 - moto has a type for whole events only
    """Ask moto whether the template's own rule for Proton lets *raw* in."""
    patterns = [
        each["Properties"]["Pattern"]
        for resource in resources().values()
        for each in resource["Properties"].get("Events", {}).values()
        if each["Type"] == "EventBridgeRule"
    ]
    told = [pattern for pattern in patterns if pattern["source"] != ["aws.ssm"]]
    return any(EventPattern.load(json.dumps(pattern)).matches_event(raw) for pattern in told)


@pytest.mark.parametrize("name", NAMES)
def test_the_samples_match(name: str) -> None:
    """A detail-type may be a list, as in the user guide."""
    assert not drop_reason(event(name))
    assert matched(event(name))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"source": "aws.codepipeline"}, 'its source is "aws.codepipeline", not aws.proton'),
        ({"source": "AWS.Proton"}, 'its source is "AWS.Proton", not aws.proton'),
        ({"source": "mine\x1b[2J"}, r'its source is "mine\u001b[2J", not aws.proton'),
        ({"source": 5}, "its source is no text, not aws.proton"),
        (
            {"detail-type": "AWS API Call via CloudTrail"},
            'its detail-type "AWS API Call via CloudTrail" does not begin with AWS Proton',
        ),
        (
            {"detail-type": "Proton Status Change"},
            'its detail-type "Proton Status Change" does not begin with AWS Proton',
        ),
        ({"source": "aws.events", "detail-type": "Scheduled Event"}, 'its source is "aws.events", not aws.proton'),
    ],
)
def test_an_event_without_a_rule_is_dropped(changed: dict[str, object], why: str) -> None:
    """The patterns of the template decide the same."""
    raw = {**FAILURE, **changed}

    assert drop_reason(raw) == f"no rule of the stack matches it: {why}"
    assert not matched(raw)


@pytest.mark.parametrize("raw", [HEARTBEAT, TRIAL, {"notification": {}, "destination": "slack"}, [], None])
def test_events_that_need_no_rule_are_not_dropped(raw: object) -> None:
    """They come from a schedule, an invocation or a queue."""
    assert not drop_reason(raw)


def test_a_change_of_the_routes_becomes_no_message() -> None:
    """It has a rule all the same."""
    assert drop_reason(CHANGE) == "it becomes no message: a stack only learns from it that its routes changed"
