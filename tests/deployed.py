"""A stack of moto that was deployed with the parameters that matter to its routes."""

import json
from typing import Final

import boto3

from tests.aws_calls import unhooked

STACK: Final = "shop"
ROUTES: Final = "/shop/routes"
TOPIC: Final = {"Type": "AWS::SNS::Topic"}


def deploy(stack: str = STACK, **parameters: str) -> None:
    """Deploy *stack*."""
    template = {"Parameters": {name: {"Type": "String"} for name in parameters}, "Resources": {"AlertTopic": TOPIC}}
    boto3.client("cloudformation").create_stack(
        StackName=stack,
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    )


def write(document: str) -> None:
    """Write the live document, as somebody else would, past the hooks of a test."""
    unhooked().client("ssm").put_parameter(Name=ROUTES, Value=document, Type="String", Overwrite=True)


def live() -> str:
    """Read the live document."""
    return unhooked().client("ssm").get_parameter(Name=ROUTES)["Parameter"]["Value"]


def keep_secret(name: str) -> None:
    """Put something into the store that *name* leads to."""
    if name.startswith("/"):
        unhooked().client("ssm").put_parameter(Name=name, Value="secret", Type="SecureString")
    else:
        unhooked().client("secretsmanager").create_secret(Name=name, SecretString="secret")
