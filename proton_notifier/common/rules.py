"""The rules of the template, evaluated without AWS."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, Final

import yaml

from notifier.routes.errors import quoted
from notifier.sources.table import HEARTBEAT_SOURCE, ROUTES_SOURCE, SOURCES, TEST_SOURCE, Source
from proton_notifier import ROOT

TEMPLATE: Final = ROOT / "template.yaml"
NO_RULE: Final = "no rule of the stack matches it"
# The template's default of the parameter Sources.
DEFAULT_OPTIONS: Final = ("proton", "cloudformation", "gitsync", "codepipeline", "codebuild", "codedeploy", "ecs")
# Events that a source can read, but the rule leaves out, by the source's option.
LEFT_OUT: Final[Mapping[str, str]] = {
    "alarms": "alarms of target tracking, alarms without data, and the series of an alarm",
    "apprunner": "the states of a service, because its operations have the same news",
    "backup": "jobs that have not ended",
    "cloudformation": "stacks in REVIEW_IN_PROGRESS, resources, hooks, and stack instances on their way",
    "codebuild": "builds of a pipeline, and the phases of a build",
    "codedeploy": "instances, because their deployment has the same news",
    "codepipeline": "stages, and actions that did not fail and are no approvals",
    "ecs": "tasks, and what a service reports as INFO, such as a steady state",
    "health": "reports of abuse, and the copies of events of another region",
    "ssm": "automations that have not ended and wait for nobody",
    "stepfunctions": "executions that have not ended",
}


def drop_reason(event: object) -> str:
    """Explain why a stack with the default Sources would drop *event*; return an empty text if it would not."""
    if not isinstance(event, dict) or "detail-type" not in event:
        return ""  # A delivery needs no rule.
    sources, types = (_texts(event.get(key)) for key in ("source", "detail-type"))
    if {TEST_SOURCE, HEARTBEAT_SOURCE} & {*sources}:
        return ""
    if ROUTES_SOURCE in sources and "Parameter Store Change" in types:
        return "it becomes no message: a stack only reads its routes again"
    source = next((source for source in SOURCES if source.option and source.name in sources), None)
    if source is None:
        return f"{NO_RULE}: no rule is for its source, {_quoted_list(sources)}"
    return _rule_reason(source, event, types)


def _rule_reason(source: Source, event: dict[str, Any], types: list[str]) -> str:
    module, option, pattern = import_module(source.module), str(source.option), patterns()[source.name]
    branches = pattern.get("$or", [pattern])
    # The patterns of most events need no moto, which takes a second to load.
    known = any("detail" not in each and {*types} & {*map(str, each["detail-type"])} for each in branches)
    if known or matches(json.dumps(pattern), event):
        return "" if option in DEFAULT_OPTIONS else f"its source needs {quoted(option)} in the parameter Sources"
    if option in LEFT_OUT and any(text in module.EVENT_TYPES for text in types):
        return f"{NO_RULE}: the rule of {quoted(option)} leaves out {LEFT_OUT[option]}"
    return f"{NO_RULE}: the rule of {quoted(option)} does not match its detail-type, {_quoted_list(types)}"


class _Loader(yaml.CSafeLoader):  # type: ignore[misc] # yaml ships no types
    """Loader that reads `!Sub` as its text; SAM's own loader is ten times slower."""


_Loader.add_multi_constructor("!", lambda _loader, _name, node: node.value)


@cache
def patterns() -> Mapping[str, Any]:
    """Read the event patterns of the rules that the parameter Sources chooses, by source."""
    template = yaml.load(TEMPLATE.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe one
    chosen = (resource["Properties"] for resource in template["Resources"].values() if "Condition" in resource)
    found = (properties.get("EventPattern") for properties in chosen)
    return {pattern["source"][0]: pattern for pattern in found if pattern}


def matches(pattern: str, event: Any) -> bool:  # noqa: ANN401 - moto knows whole events
    """Check whether the event *pattern* matches *event*."""
    # Imported here, as most callers need no moto.
    from moto.events.models import EventPattern  # noqa: PLC0415

    try:
        return EventPattern.load(pattern).matches_event(event)
    except RecursionError:
        return False  # No service nests its events so deeply.


def _texts(value: object) -> list[str]:
    """List the texts of *value*; of a list, any entry may match, as in EventBridge."""
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def _quoted_list(texts: list[str]) -> str:
    return ", ".join(map(quoted, texts)) or "no text"
