"""The invocation of a deployed stack's function with a test event."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from notifier.model.sanitize import tidy
from notifier.sources.table import TEST_SOURCE
from proton_notifier.common.deployed_stack import DeployedStack, StackError
from proton_notifier.send_test.response import FunctionResponse

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# Longer than the function's time-out (template.yaml).
RESPONSE_SECONDS: Final = 40
# The output of the template with the source of the test events that the stack knows.
TEST_EVENT_SOURCE: Final = "TestEventSource"
EARLIER_VERSION: Final = """deploy this version first
  The stack's version knows no tests: it would send one to everybody, as an unknown status change."""
FUNCTION_FAILED: Final = """the function that takes events failed: {error}
  Fix the cause: "Function errors" in docs/operations.md. The test is not retried."""
OTHER_VERSION: Final = """the function that takes events responds as another version does: deploy this version
  {body}"""


def check_version(stack: DeployedStack) -> None:
    """Raise `StackError` if *stack* would take a test for a status change."""
    if stack.outputs().get(TEST_EVENT_SOURCE) != TEST_SOURCE:
        raise StackError(EARLIER_VERSION)


def invoke(functions: "LambdaClient", name: str, event: Mapping[str, Any]) -> FunctionResponse:
    """Invoke the function *name* with *event*; it returns when the deliveries are in their queue."""
    response = functions.invoke(FunctionName=name, Payload=json.dumps(event).encode())
    body = response["Payload"].read()
    if "FunctionError" in response:
        failed = json.loads(body)
        error = ": ".join(str(failed[key]) for key in ("errorType", "errorMessage") if key in failed)
        raise StackError(FUNCTION_FAILED.format(error=tidy(error)))
    try:
        return FunctionResponse.model_validate_json(body)
    except ValidationError as invalid:
        raise StackError(OTHER_VERSION.format(body=tidy(body.decode()))) from invalid
