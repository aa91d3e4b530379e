"""Where the parts of a deployed stack are, what it was deployed with, and what it says of itself."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

# For a person who waits, not for a function that is paid by the second.
CLIENT_CONFIG: Final = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})


class WrongStackError(Exception):
    """A stack is none of the notifier's."""


def physical_ids(client: "CloudFormationClient", stack: str, logical_ids: Collection[str]) -> Mapping[str, str]:
    """Find what *stack* made for *logical_ids*, a queue's URL or a name; raise `WrongStackError` if it lacks any."""
    pages = client.get_paginator("list_stack_resources").paginate(StackName=stack)
    found = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in pages
        for resource in page["StackResourceSummaries"]
        if resource["LogicalResourceId"] in logical_ids and "PhysicalResourceId" in resource
    }
    missing = [name for name in logical_ids if name not in found]
    if missing:
        message = f"{stack} is not a stack of this notifier: it has no {', '.join(missing)}"
        raise WrongStackError(message)
    return found


def parameters(client: "CloudFormationClient", stack: str) -> Mapping[str, str]:
    """Read what *stack* was deployed with."""
    return {each["ParameterKey"]: each["ParameterValue"] for each in _described(client, stack).get("Parameters", ())}


def outputs(client: "CloudFormationClient", stack: str) -> Mapping[str, str]:
    """Read what *stack* says of itself."""
    return {each["OutputKey"]: each["OutputValue"] for each in _described(client, stack).get("Outputs", ())}


def _described(client: "CloudFormationClient", stack: str) -> "StackTypeDef":
    (described,) = client.describe_stacks(StackName=stack)["Stacks"]
    return described
