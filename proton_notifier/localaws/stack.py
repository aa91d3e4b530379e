"""The template as a stack of the local cloud."""

import json
from collections.abc import Mapping
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
from proton_notifier.localaws.conditions import resolve_conditions
from proton_notifier.localaws.environment import REGION

TEMPLATE: Final = ROOT / "template.yaml"
ACCOUNT: Final = "123456789012"  # moto's
STACK: Final = "proton-notifier"

# moto does not know some of these, evaluates no policy, and would run the queue's consumer in Docker.
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


def deploy(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Deploy the template with *parameters*; return it as CloudFormation gets it, with its conditions."""
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
    """Return the template as CloudFormation gets it and as moto does, once for the same parameters: it is slow."""
    source = yaml_parse(TEMPLATE.read_text())
    source["Globals"]["Function"]["CodeUri"] = "s3://code/artifact.zip"
    template = transform(source, dict(parameters), ManagedPolicyLoader(boto3.client("iam")))
    deployed = resolve_conditions(template, {"AWS::Partition": "aws", "AWS::Region": REGION, **dict(parameters)})
    for name in [name for name, resource in deployed["Resources"].items() if resource["Type"] in UNSUPPORTED]:
        del deployed["Resources"][name]
    return json.dumps(template), json.dumps(deployed)
