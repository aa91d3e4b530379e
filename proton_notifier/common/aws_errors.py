"""What a person can do about a call that AWS refuses."""

from collections.abc import Mapping
from typing import Final

from botocore.exceptions import ClientError

DENIALS: Final = frozenset({"AccessDenied", "AccessDeniedException"})
# By the operation that was refused.
ACTIONS: Final[Mapping[str, str]] = {
    "ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "DescribeStacks": "cloudformation:DescribeStacks",
    "FilterLogEvents": "logs:FilterLogEvents",
    "GetItem": "dynamodb:GetItem",
    "Invoke": "lambda:InvokeFunction",
    "ListStackResources": "cloudformation:ListStackResources",
    "ReceiveMessage": "sqs:ReceiveMessage",
}
NO_STACK: Final = "Is that its name, and is this its region (--region)?"
# By operation and code.
ADVICE: Final[Mapping[tuple[str, str], str]] = {
    ("DescribeStacks", "ValidationError"): NO_STACK,
    ("Invoke", "ResourceNotFoundException"): "The function was deleted: deploy again.",
    ("ListStackResources", "ValidationError"): NO_STACK,
}


def explained(error: Exception) -> str:
    """Say what *error* says, and which permission is missing or what else to do, if that is known."""
    if isinstance(error, ClientError) and error.response["Error"]["Code"] in DENIALS:
        return f"you need {ACTIONS.get(error.operation_name, error.operation_name)}: {error}"
    return advised(error)


def advised(error: Exception) -> str:
    """Say what *error* says, and what to do, if that is known."""
    known = isinstance(error, ClientError) and ADVICE.get((error.operation_name, error.response["Error"]["Code"]))
    return f"{error}\n  {known}" if known else str(error)
