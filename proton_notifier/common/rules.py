"""The rules of a stack, evaluated without AWS. The modules of the sources have the patterns."""

import json
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

from notifier.routes.errors import quoted
from notifier.sources.table import HEARTBEAT_SOURCE, ROUTES_SOURCE, SOURCES, TEST_SOURCE, Source

NO_RULE: Final = "no rule of the stack matches it"
# The template's default of the parameter Sources.
DEFAULT_OPTIONS: Final = ("proton", "cloudformation", "gitsync", "codepipeline", "codebuild", "codedeploy", "ecs")
# Events that a rule leaves out although their source reads their detail-types, by the source's option.
LEFT_OUT: Final[Mapping[str, str]] = {
    "alarms": "alarms of target tracking, alarms without data, and the series of an alarm",
    "apprunner": "the states of a service, because its operations have the same news",
    "backup": "jobs that have not ended",
    "cloudformation": "stacks in REVIEW_IN_PROGRESS, resources, hooks, and stack instances on their way",
    "codebuild": "builds of a pipeline, and the phases of a build",
    "codedeploy": "instances, because their deployment has the same news",
    "codepipeline": "stages, and actions that did not fail and are no approvals",
    "ecs": "tasks, and what a service reports as INFO, such as a steady state",
    "health": "the copies of events of another region",
    "ssm": "automations that have not ended and wait for nobody",
    "stepfunctions": "executions that have not ended",
}


def drop_reason(event: object) -> str:
    """Explain why a stack with the default Sources would drop *event*; return nothing if it would not."""
    if not isinstance(event, dict) or "detail-type" not in event:
        return ""  # A delivery needs no rule.
    sources, types = (_texts(event.get(key)) for key in ("source", "detail-type"))
    if {TEST_SOURCE, HEARTBEAT_SOURCE} & {*sources}:
        return ""
    if ROUTES_SOURCE in sources and "Parameter Store Change" in types:
        return "it becomes no message: a stack only learns from it that its routes changed"
    source = next((source for source in SOURCES if source.option and source.name in sources), None)
    return (
        _rule_reason(source, event, types) if source else f"{NO_RULE}: none is for its source, {_quoted_list(sources)}"
    )


def _rule_reason(source: Source, event: dict[str, Any], types: list[str]) -> str:
    module, option = import_module(source.module), str(source.option)
    branches = module.PATTERN.get("$or", [module.PATTERN])
    # What most events match needs no moto, which takes a second to load.
    known = any("detail" not in each and {*types} & {*map(str, each["detail-type"])} for each in branches)
    if known or matches(json.dumps(module.PATTERN), event):
        return "" if option in DEFAULT_OPTIONS else f"its source needs {quoted(option)} in the parameter Sources"
    if option in LEFT_OUT and any(text in module.EVENT_TYPES for text in types):
        return f"{NO_RULE}: that of {quoted(option)} leaves out {LEFT_OUT[option]}"
    return f"{NO_RULE}: that of {quoted(option)} does not take its detail-type, {_quoted_list(types)}"


def matches(pattern: str, event: Any) -> bool:  # noqa: ANN401 - moto knows whole events
    """Tell if the event *pattern* matches *event*."""
    # Imported here, as most callers need no moto.
    from moto.events.models import EventPattern  # noqa: PLC0415

    try:
        return EventPattern.load(pattern).matches_event(event)
    except RecursionError:
        return False  # No service nests the fields of its events so deep.


def _texts(value: object) -> list[str]:
    """List the texts of *value*; of a list, any entry may match, as in EventBridge."""
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def _quoted_list(texts: list[str]) -> str:
    return ", ".join(map(quoted, texts)) or "no text"
