"""The parts of the template that a measurement or a bill depends on."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from samtranslator.yaml_helper import yaml_parse

TEMPLATE: Final = Path(__file__).parent.parent / "template.yaml"
TOPIC: Final = "arn:aws:sns:eu-west-1:123456789012:alerts"
# The values of references in the functions' variables, except parameters. AWS_ENDPOINT_URL has the queues' real host.
REFERENCES: Final = {
    "AWS::StackName": "proton-notifier",
    "AlertTopic": TOPIC,
    "Deliveries": "http://127.0.0.1/123456789012/deliveries",
    "FailedDeliveries": "http://127.0.0.1/123456789012/failed-deliveries",
    "Ledger": "ledger",
    "Memory": "memory",
    "SlackSecretName": "proton-notifier/slack",
    "WebhookHosts": "127.0.0.1",
}
# An email and Slack; all other conditions are options that are off by default.
TRUE_CONDITIONS: Final = frozenset({None, "HasEmail", "HasSlack", "HasOperationsEmail"})


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function of the stack, with its environment variables."""

    memory_megabytes: int
    timeout_seconds: int
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stack:
    """The two functions, the mapping between them, and the number of resources of each type."""

    functions: Mapping[str, Function]
    batch_size: int
    batching_window_seconds: int
    resources: Mapping[str, int]


@cache
def stack() -> Stack:
    """Read the template, with the defaults of its parameters."""
    template: dict[str, Any] = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    resources, shared = template["Resources"], template["Globals"]["Function"]
    values = {name: str(each.get("Default", "")) for name, each in template["Parameters"].items()} | REFERENCES
    functions = {}
    for name in ("EventsFunction", "DeliveryFunction"):
        properties = {**shared, **resources[name]["Properties"]}
        variables = {**shared["Environment"]["Variables"], **properties["Environment"]["Variables"]}
        environment = {name: _resolve(value, values) for name, value in variables.items()}
        handler = {"AWS_LAMBDA_FUNCTION_NAME": properties["Handler"].split(".")[1], "_HANDLER": properties["Handler"]}
        key = name.removesuffix("Function").lower()
        functions[key] = Function(properties["MemorySize"], properties["Timeout"], {**environment, **handler})
    return Stack(
        functions,
        resources["DeliveryFunction"]["Properties"]["Events"]["Deliveries"]["Properties"]["BatchSize"],
        int(values["BatchingWindowSeconds"]),
        Counter(each["Type"] for each in resources.values() if each.get("Condition") in TRUE_CONDITIONS),
    )


def _resolve(value: object, values: Mapping[str, str]) -> str:
    match value:
        case {"Ref": str(name)}:
            return values[name]
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([^}]+)\}", lambda found: values[found[1]], text)
        case _:
            return str(value)
