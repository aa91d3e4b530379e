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
STACK: Final = "proton-notifier"
TOPIC: Final = "arn:aws:sns:eu-west-1:123456789012:alerts"
REFERENCE: Final = re.compile(r"\$\{(?P<name>[^}]+)\}")
# An email and Slack; all other conditions are options that are off by default.
TRUE_CONDITIONS: Final = frozenset({None, "HasEmail", "HasSlack", "HasOperationsEmail"})


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function of the stack; its *variables* refer to *parameters* and to resources."""

    handler: str
    memory_megabytes: int
    timeout_seconds: int
    variables: Mapping[str, Any]
    parameters: Mapping[str, str]

    def environment(self, endpoint: str) -> dict[str, str]:
        """Resolve the variables of a stack whose AWS and Slack are at *endpoint*."""
        values = {
            **self.parameters,
            "AWS::StackName": STACK,
            "AlertTopic": TOPIC,
            "Deliveries": f"{endpoint}/123456789012/deliveries",
            "FailedDeliveries": f"{endpoint}/123456789012/failed-deliveries",
            "Ledger": "ledger",
            "Memory": "memory",
            "SlackSecretName": f"{STACK}/slack",
            "WebhookHosts": "127.0.0.1",
        }
        resolved = {name: _resolve(value, values) for name, value in self.variables.items()}
        return {**resolved, "AWS_LAMBDA_FUNCTION_NAME": self.handler.split(".")[1], "_HANDLER": self.handler}


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
    parameters = {name: str(each.get("Default", "")) for name, each in template["Parameters"].items()}
    functions = {}
    for name in ("EventsFunction", "DeliveryFunction"):
        properties = {**shared, **resources[name]["Properties"]}
        variables = {**shared["Environment"]["Variables"], **properties["Environment"]["Variables"]}
        functions[name.removesuffix("Function").lower()] = Function(
            properties["Handler"], properties["MemorySize"], properties["Timeout"], variables, parameters
        )
    return Stack(
        functions,
        resources["DeliveryFunction"]["Properties"]["Events"]["Deliveries"]["Properties"]["BatchSize"],
        int(parameters["BatchingWindowSeconds"]),
        Counter(each["Type"] for each in resources.values() if each.get("Condition") in TRUE_CONDITIONS),
    )


def _resolve(value: object, values: Mapping[str, str]) -> str:
    match value:
        case {"Ref": str(name)}:
            return values[name]
        case {"Fn::Sub": str(text)}:
            return REFERENCE.sub(lambda found: values[found["name"]], text)
        case _:
            return str(value)
