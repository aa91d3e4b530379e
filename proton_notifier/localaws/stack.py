"""The template as a stack of the local cloud."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import boto3
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
    template: dict[str, Any] = json.loads(_transformed(tuple(parameters.items())))
    deployed = resolve_conditions(template, {"AWS::Partition": "aws", "AWS::Region": REGION, **parameters})
    for name in [name for name, resource in deployed["Resources"].items() if resource["Type"] in UNSUPPORTED]:
        del deployed["Resources"][name]
    boto3.client("cloudformation").create_stack(
        StackName=STACK,
        TemplateBody=json.dumps(deployed),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    return template


@cache
def _transformed(parameters: tuple[tuple[str, str], ...]) -> str:
    """Transform the template into JSON for CloudFormation, once for the same parameters, because it is slow."""
    source = yaml_parse(TEMPLATE.read_text())
    source["Globals"]["Function"]["CodeUri"] = "s3://code/artifact.zip"
    return json.dumps(transform(source, dict(parameters), ManagedPolicyLoader(boto3.client("iam"))))
