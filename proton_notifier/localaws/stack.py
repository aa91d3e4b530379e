"""Deploy the template to the local cloud; conditions compare texts, as in CloudFormation."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final
from unittest.mock import patch

import boto3
import yaml
from moto.cloudformation.models import cloudformation_backends
from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from proton_notifier import ROOT
from proton_notifier.localaws.environment import REGION

TEMPLATE: Final = ROOT / "template.yaml"
ACCOUNT: Final = "123456789012"  # moto's
STACK: Final = "proton-notifier"

# moto lacks some of these, evaluates no policy, and would run the queue's consumer in Docker.
UNSUPPORTED: Final = frozenset(
    {
        "AWS::CloudWatch::Alarm",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::EventSourceMapping",
        "AWS::SNS::Subscription",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
    }
)
NO_VALUE: Final = {"Ref": "AWS::NoValue"}
FUNCTIONS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "Fn::And": all,
    "Fn::Equals": lambda pair: pair[0] == pair[1],
    "Fn::Join": lambda pair: pair[0].join(pair[1]),
    "Fn::Not": lambda single: not single[0],
    "Fn::Or": any,
    "Fn::Select": lambda pair: pair[1][int(pair[0])],
    "Fn::Split": lambda pair: pair[1].split(pair[0]),
}


def deploy(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Deploy the template with *parameters*; return CloudFormation's version of it, with conditions."""
    code = boto3.client("s3")
    code.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": REGION})
    code.put_object(Bucket="code", Key="artifact.zip", Body=b"the handlers run in this process")
    # LibYAML takes a tenth of the time of the parser in Python.
    with patch.multiple(yaml, Loader=yaml.CLoader, SafeLoader=yaml.CSafeLoader):
        transformed, deployed = _templates(tuple(parameters.items()))
        cloudformation_backends[ACCOUNT][REGION].create_stack(STACK, deployed, dict(parameters))
    template: dict[str, Any] = json.loads(transformed)
    return template


@cache
def _templates(parameters: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """Return the template for CloudFormation and for moto; cached by parameters, because the transformation is slow."""
    source = yaml_parse(TEMPLATE.read_text())
    source["Globals"]["Function"]["CodeUri"] = "s3://code/artifact.zip"
    template = transform(source, dict(parameters), ManagedPolicyLoader(boto3.client("iam")))
    deployed = resolve_conditions(template, {"AWS::Partition": "aws", "AWS::Region": REGION, **dict(parameters)})
    for name in [name for name, resource in deployed["Resources"].items() if resource["Type"] in UNSUPPORTED]:
        del deployed["Resources"][name]
    return json.dumps(template), json.dumps(deployed)


def resolve_conditions(template: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Return *template* without conditions: resolve each Fn::If, and remove AWS::NoValue and disabled resources.

    Parameters and pseudo parameters have the *given* values, or else the template's defaults.
    """
    values = dict(given) | {
        name: text.split(",") if "List" in parameter["Type"] else text
        for name, parameter in template["Parameters"].items()
        for text in [str(given.get(name, parameter.get("Default", "")))]
    }

    def holds(name: str) -> bool:
        return bool(_evaluate({"Condition": name}, template["Conditions"], values))

    resolved = {name: section for name, section in template.items() if name != "Conditions"}
    for section in ("Resources", "Outputs"):
        resolved[section] = {
            name: _resolve_ifs({key: each for key, each in entry.items() if key != "Condition"}, holds)
            for name, entry in template.get(section, {}).items()
            if "Condition" not in entry or holds(entry["Condition"])
        }
    return resolved


def _evaluate(node: Any, conditions: Mapping[str, Any], values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a condition's part
    match node:
        case {"Condition": str(name)}:
            return _evaluate(conditions[name], conditions, values)
        case {"Ref": name}:
            return values[name]
        case dict():
            ((function, argument),) = node.items()
            return FUNCTIONS[function](_evaluate(argument, conditions, values))
        case list():
            return [_evaluate(each, conditions, values) for each in node]
    return str(node).lower() if isinstance(node, bool) else str(node)


def _resolve_ifs(node: Any, holds: Callable[[str], bool]) -> Any:  # noqa: ANN401 - a template's part
    match node:
        case {"Fn::If": [name, then, otherwise]}:
            return _resolve_ifs(then if holds(name) else otherwise, holds)
        case dict():
            return {key: kept for key, each in node.items() if (kept := _resolve_ifs(each, holds)) != NO_VALUE}
        case list():
            return [kept for each in node if (kept := _resolve_ifs(each, holds)) != NO_VALUE]
    return node
