"""The stack in the template, as far as a measurement or a bill depends on it."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from samtranslator.yaml_helper import yaml_parse

TEMPLATE: Final = Path(__file__).parent.parent / "template.yaml"
STACK: Final = "proton-notifier"
TOPIC: Final = "arn:aws:sns:eu-west-1:123456789012:alerts"
REFERENCE: Final = re.compile(r"\$\{(?P<name>[^}]+)\}")


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function of the stack."""

    handler: str
    memory_megabytes: int
    timeout_seconds: int
    variables: Mapping[str, Any]

    def environment(self, stand_in: str) -> dict[str, str]:
        """Resolve its variables for a stack whose AWS and Slack are the stand-in at the address *stand_in*."""
        values = {
            **_defaults(),
            "AWS::StackName": STACK,
            "AlertTopic": TOPIC,
            "Deliveries": f"{stand_in}/123456789012/deliveries",
            "FailedDeliveries": f"{stand_in}/123456789012/failed-deliveries",
            "Ledger": "ledger",
            "SlackSecretName": f"{STACK}/slack",
            "WebhookHosts": "127.0.0.1",
        }
        resolved = {name: _resolved(value, values) for name, value in self.variables.items()}
        return {**resolved, "AWS_LAMBDA_FUNCTION_NAME": self.handler.split(".")[1], "_HANDLER": self.handler}


@dataclass(frozen=True, slots=True)
class Stack:
    """The two functions, the mapping between them, and *resources*, which counts each type."""

    events: Function
    delivery: Function
    batch_size: int
    batching_window_seconds: int
    resources: Mapping[str, int]


@cache
def stack() -> Stack:
    """Read the template; a resource with a condition counts if the condition is an email or Slack."""
    resources = _template()["Resources"]
    mapping = resources["DeliveryFunction"]["Properties"]["Events"]["Deliveries"]["Properties"]
    there = [
        each["Type"]
        for each in resources.values()
        if each.get("Condition") in {None, "HasEmail", "HasSlack", "HasOperationsEmail"}
    ]
    return Stack(
        _function("EventsFunction"),
        _function("DeliveryFunction"),
        mapping["BatchSize"],
        int(_defaults()["BatchingWindowSeconds"]),
        Counter(there),
    )


@cache
def _template() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    return parsed


def _function(name: str) -> Function:
    everyone = _template()["Globals"]["Function"]
    own = _template()["Resources"][name]["Properties"]
    merged = {**everyone, **own}
    variables = {**everyone["Environment"]["Variables"], **own["Environment"]["Variables"]}
    return Function(own["Handler"], merged["MemorySize"], merged["Timeout"], variables)


def _defaults() -> dict[str, str]:
    return {name: str(each.get("Default", "")) for name, each in _template()["Parameters"].items()}


def _resolved(value: object, values: Mapping[str, str]) -> str:
    match value:
        case {"Ref": str(name)}:
            return values[name]
        case {"Fn::Sub": str(text)}:
            return REFERENCE.sub(lambda found: values[found["name"]], text)
        case _:
            return str(value)
