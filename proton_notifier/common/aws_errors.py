"""What a person can do about a call that AWS refuses."""

from collections.abc import Mapping
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

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
# By operation and code.
ADVICE: Final[Mapping[tuple[str, str], str]] = {
    ("Invoke", "ResourceNotFoundException"): "The function was deleted: deploy again.",
    ("ListStackResources", "ValidationError"): "Is that its name, and is this its region (--region)?",
}


def explained(error: BotoCoreError | ClientError) -> str:
    """Say what *error* says, and which permission is missing or what else to do, if that is known."""
    if not isinstance(error, ClientError):
        return str(error)
    code, operation = error.response["Error"]["Code"], error.operation_name
    if code in DENIALS:
        return f"you need {ACTIONS.get(operation, operation)}: {error}"
    advice = ADVICE.get((operation, code))
    return f"{error}\n  {advice}" if advice else str(error)
