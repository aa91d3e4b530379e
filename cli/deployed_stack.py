"""Where the parts of a deployed stack are."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


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
