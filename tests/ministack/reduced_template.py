"""The built template without what ministack does not know, each taken out by a rule and named.

`python -m tests.ministack.reduced_template` prints what is taken out, and what a deployment of it does not prove.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from samtranslator.yaml_helper import yaml_parse

BUILD: Final = Path(__file__).parent.parent.parent / ".aws-sam/build"
# What the emulator takes and does nothing with.
NOT_PROVED: Final = (
    "IAM: every call is allowed",
    "KMS, and encryption at rest of queues, topics and tables",
    "policies of queues and topics",
    "the evaluation of alarms, and the metrics that the functions log",
    "the rules' dead letters, and Lambda's own retries of a rule's target",
    "the batching window and the concurrency of the queue's event source",
    "the expiry of the rows in the ledger and in the memory",
    "the confirmation of an email's subscription, and the email itself",
    "StartMessageMoveTask: the way back of all failed deliveries at once (`redrive` without --limit)",
    "the processor: it runs the functions on this machine's",
)
# The sources whose rules are deployed.
SOURCES_ON: Final = ("proton", "cloudformation", "codepipeline")


def reduced() -> tuple[dict[str, Any], list[str]]:
    """Read the built template; return what ministack can deploy of it, and what was taken out or changed."""
    template = yaml_parse((BUILD / "template.yaml").read_text(encoding="utf-8"))
    application = template["Metadata"]["AWS::ServerlessRepo::Application"]
    for properties in (application, *(resource["Properties"] for resource in template["Resources"].values())):
        for name in {"CodeUri", "LicenseUrl", "ReadmeUrl"} & {*properties}:
            properties[name] = str(BUILD / properties[name])
    return template, [
        *_without_metric_queries(template),
        *_without_joined_conditions(template),
        *_without_allowed_lists(template),
    ]


def _without_metric_queries(template: dict[str, Any]) -> Iterator[str]:
    """Take out every alarm on a query or on an expression: ministack knows alarms on one metric."""
    for name, resource in [*template["Resources"].items()]:
        if resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]:
            del template["Resources"][name]
            yield f"{name}: an alarm with Metrics"


def _without_joined_conditions(template: dict[str, Any]) -> Iterator[str]:
    """Decide every condition on a list, by `SOURCES_ON`: ministack takes Fn::Join in a condition for true."""
    for name, condition in template["Conditions"].items():
        if "Fn::Join" in str(condition):
            is_on = any(f",{source}," in str(condition) for source in SOURCES_ON)
            template["Conditions"][name] = {"Fn::Equals": ["on", "on" if is_on else "off"]}
            yield f"{name}: a condition with Fn::Join, {str(is_on).lower()} here"


def _without_allowed_lists(template: dict[str, Any]) -> Iterator[str]:
    """Allow any list: ministack compares the whole list with each allowed value, CloudFormation each entry."""
    for name, parameter in template["Parameters"].items():
        if parameter["Type"] == "CommaDelimitedList" and parameter.pop("AllowedValues", None):
            yield f"{name}: the allowed entries of a list"


if __name__ == "__main__":
    print("Taken out of the template:", *reduced()[1], sep="\n  ")  # noqa: T201 - this is what it is for
    print("Not proved by this:", *NOT_PROVED, sep="\n  ")  # noqa: T201 - as above
