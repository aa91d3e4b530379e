"""Errors of AWS, with what a person can do about them."""

from collections.abc import Mapping
from typing import Final

from botocore.exceptions import ClientError

DENIALS: Final = frozenset({"AccessDenied", "AccessDeniedException"})
# The permission for an operation.
ACTIONS: Final[Mapping[str, str]] = {
    "ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "DeleteMessage": "sqs:DeleteMessage",
    "DescribeStacks": "cloudformation:DescribeStacks",
    "FilterLogEvents": "logs:FilterLogEvents",
    "GetItem": "dynamodb:GetItem",
    "GetParameterHistory": "ssm:GetParameterHistory",
    "GetQueueAttributes": "sqs:GetQueueAttributes",
    "Invoke": "lambda:InvokeFunction",
    "ListStackResources": "cloudformation:ListStackResources",
    "PutParameter": "ssm:PutParameter",
    "ReceiveMessage": "sqs:ReceiveMessage",
    "Scan": "dynamodb:Scan",
    "SendMessage": "sqs:SendMessage",
    "StartMessageMoveTask": "sqs:StartMessageMoveTask",
}
NO_STACK: Final = "Is that its name, and is this its region (--region)?"
# What to do, by operation and error code.
ADVICE: Final[Mapping[tuple[str, str], str]] = {
    ("DescribeStacks", "ValidationError"): NO_STACK,
    ("Invoke", "ResourceNotFoundException"): "The function was deleted: deploy again.",
    ("ListStackResources", "ValidationError"): NO_STACK,
}


def explain_error(error: Exception) -> str:
    """Write *error* with the permission that is missing, or with what else to do, if that is known."""
    if not isinstance(error, ClientError):
        return str(error)
    operation, code = error.operation_name, error.response["Error"]["Code"]
    if code in DENIALS:
        return f"you need {ACTIONS.get(operation, operation)}: {error}"
    advice = ADVICE.get((operation, code))
    return f"{error}\n  {advice}" if advice else str(error)
