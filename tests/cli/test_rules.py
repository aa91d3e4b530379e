import json
import re
from importlib import import_module
from typing import Any

import pytest
from moto.events.models import EventPattern
from samtranslator.yaml_helper import yaml_parse

from notifier.sources.table import SOURCES
from proton_notifier.common.rules import DEFAULT_OPTIONS, LEFT_OUT, drop_reason, patterns
from proton_notifier.localaws.stack import TEMPLATE
from tests.notifier.sources.documented_events import EVENTS as DOCUMENTED
from tests.samples import HEARTBEAT, NAMES, TRIAL, event

FAILURE = event("service-instance-deployment-failed")
CHANGE = {**FAILURE, "source": "aws.ssm", "detail-type": "Parameter Store Change", "detail": {"name": "/stack/routes"}}
NO_RULE = "no rule of the stack matches it: "
OPTIONS = {source.option: source for source in SOURCES if source.option}
LEFT_OUT_STACKS = (
    'the rule of "cloudformation" leaves out stacks in REVIEW_IN_PROGRESS, resources, hooks, and stack instances on '
    "their way"
)
LEFT_OUT_SERVICES = 'the rule of "ecs" leaves out tasks, and what a service reports as INFO, such as a steady state'


def matched(raw: Any, *options: str) -> bool:  # noqa: ANN401 - moto has a type for whole events only
    """Ask moto whether the pattern of one of *options* lets *raw* in."""
    chosen = (patterns()[OPTIONS[option].name] for option in options)
    return any(EventPattern.load(json.dumps(pattern)).matches_event(raw) for pattern in chosen)


@pytest.mark.parametrize("name", NAMES)
def test_the_samples_match(name: str) -> None:
    """A detail-type may be a list, as in the user guide; some samples are of sources that are off by default."""
    reason = drop_reason(event(name))

    assert matched(event(name), *OPTIONS)
    assert (not reason) == matched(event(name), *DEFAULT_OPTIONS)
    assert re.fullmatch(r'|its source needs "[a-z]+" in the parameter Sources', reason)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_documented_event_is_judged_as_its_pattern_says(name: str) -> None:
    """With the default Sources, with every source on, and where no rule lets it in."""
    raw = DOCUMENTED[name]
    reason = drop_reason(raw)

    assert (not reason) == matched(raw, *DEFAULT_OPTIONS)
    assert reason.startswith(NO_RULE) == (not matched(raw, *OPTIONS))


def test_what_a_rule_leaves_out_has_words() -> None:
    """Each source that reads a detail-type which its rule does not simply take."""
    types = {option: getattr(import_module(source.module), "EVENT_TYPES", {}) for option, source in OPTIONS.items()}
    partial = {
        option
        for option, source in OPTIONS.items()
        for each in types[option]
        if not matched({"source": source.name, "detail-type": each, "detail": {}}, option)
    }

    assert partial <= {*LEFT_OUT} <= {option for option in OPTIONS if types[option]}


def test_the_sources_that_are_on_by_default_are_those_of_the_template() -> None:
    """And in its order."""
    parameters = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))["Parameters"]

    assert ",".join(DEFAULT_OPTIONS) == parameters["Sources"]["Default"]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"source": "aws.s3"}, 'no rule is for its source, "aws.s3"'),
        ({"source": "AWS.Proton"}, 'no rule is for its source, "AWS.Proton"'),
        ({"source": "mine\x1b[2J"}, r'no rule is for its source, "mine\u001b[2J"'),
        ({"source": 5}, "no rule is for its source, no text"),
        ({"source": "aws.events", "detail-type": "Scheduled Event"}, 'no rule is for its source, "aws.events"'),
        (
            {"detail-type": "AWS API Call via CloudTrail"},
            'the rule of "proton" does not match its detail-type, "AWS API Call via CloudTrail"',
        ),
        (
            {"detail-type": "Proton Status Change"},
            'the rule of "proton" does not match its detail-type, "Proton Status Change"',
        ),
        ({"detail-type": None}, 'the rule of "proton" does not match its detail-type, no text'),
        (
            {"source": "aws.ecs", "detail-type": "AWS API Call via CloudTrail"},
            'the rule of "ecs" does not match its detail-type, "AWS API Call via CloudTrail"',
        ),
        (
            {"source": "aws.codeconnections", "detail-type": "AWS API Call via CloudTrail"},
            'the rule of "gitsync" does not match its detail-type, "AWS API Call via CloudTrail"',
        ),
        (
            {
                "source": "aws.cloudformation",
                "detail-type": "CloudFormation Stack Status Change",
                "detail": {"status-details": {"status": "REVIEW_IN_PROGRESS"}},
            },
            LEFT_OUT_STACKS,
        ),
        (
            {"source": "aws.cloudformation", "detail-type": "CloudFormation Stack Status Change", "detail": {}},
            LEFT_OUT_STACKS,
        ),
        (
            {
                "source": "aws.ecs",
                "detail-type": "ECS Service Action",
                "detail": {"eventName": "SERVICE_STEADY_STATE", "eventType": "INFO"},
            },
            LEFT_OUT_SERVICES,
        ),
        (
            {
                "source": "aws.codebuild",
                "detail-type": "CodeBuild Build State Change",
                "detail": {"additional-information": {"initiator": "codepipeline/checkout"}},
            },
            'the rule of "codebuild" leaves out builds of a pipeline, and the phases of a build',
        ),
    ],
)
def test_an_event_without_a_rule_is_dropped(changed: dict[str, object], why: str) -> None:
    """With every source on, too; the patterns of the sources decide the same."""
    raw = {**FAILURE, **changed}

    assert drop_reason(raw) == NO_RULE + why
    assert not matched(raw, *OPTIONS)


def test_a_source_that_is_off_by_default_names_its_option() -> None:
    """A state that its rule leaves out stays out, whatever is chosen."""
    alarm = DOCUMENTED["cw_alarm"]
    without_data = {**alarm, "detail": {"state": {"value": "INSUFFICIENT_DATA"}}}

    assert drop_reason(alarm) == 'its source needs "alarms" in the parameter Sources'
    assert drop_reason(without_data) == f'{NO_RULE}the rule of "alarms" leaves out {LEFT_OUT["alarms"]}'


def test_fields_that_are_nested_too_deep_match_nothing() -> None:
    """They stop no command."""
    detail: dict[str, Any] = {}
    for _ in range(5_000):
        detail = {"status-details": detail}

    raw = {"source": "aws.cloudformation", "detail-type": "CloudFormation Stack Status Change", "detail": detail}

    assert drop_reason(raw) == NO_RULE + LEFT_OUT_STACKS


@pytest.mark.parametrize("raw", [HEARTBEAT, TRIAL, {"notification": {}, "destination": "slack"}, [], None])
def test_events_that_need_no_rule_are_not_dropped(raw: object) -> None:
    """They come from a schedule, an invocation or a queue."""
    assert not drop_reason(raw)


def test_a_change_of_the_routes_becomes_no_message() -> None:
    """It has a rule all the same."""
    assert drop_reason(CHANGE) == "it becomes no message: a stack only reads its routes again"
