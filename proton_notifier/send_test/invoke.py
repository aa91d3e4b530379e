"""The call of a deployed stack's function with a test event, if the stack knows what that is."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, Field, ValidationError

from notifier.model.sanitize import tidy
from notifier.sources.envelope import Text
from notifier.sources.table import TEST_SOURCE
from proton_notifier.common.deployed_stack import DeployedStack, StackError
from proton_notifier.send_test.response import Answer

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# Longer than the function may take (template.yaml).
ANSWER_SECONDS: Final = 40
# Of the template: the source of the test events that the stack knows.
TEST_EVENT_SOURCE: Final = "TestEventSource"
EARLIER_VERSION: Final = """deploy this version first
  Its version knows no tests, and would send one to everybody, as a change that is not known."""
FUNCTION_FAILED: Final = """the function that takes events failed: {why}
  Mend the cause: "Function errors" in docs/operations.md. A test that failed so is not tried again."""
OTHER_VERSION: Final = """the function does not answer as one of this version does: deploy it
  {said}"""


class Failure(BaseModel):
    """The error of a function that failed."""

    error_type: Text = Field(default=None, alias="errorType")
    error_message: Text = Field(default=None, alias="errorMessage")


def check_knows_tests(stack: DeployedStack) -> None:
    """Raise `StackError` if *stack* takes a test for a change in Proton."""
    if stack.outputs().get(TEST_EVENT_SOURCE) != TEST_SOURCE:
        raise StackError(EARLIER_VERSION)


def call(functions: "LambdaClient", name: str, event: Mapping[str, Any]) -> Answer:
    """Hand *event* to the function *name*, and wait until it has put the deliveries into their queue."""
    answered = functions.invoke(FunctionName=name, Payload=json.dumps(event).encode())
    said = answered["Payload"].read()
    if "FunctionError" in answered:
        failure = Failure.model_validate_json(said)
        why = ": ".join(filter(None, map(tidy, (failure.error_type, failure.error_message))))
        raise StackError(FUNCTION_FAILED.format(why=why))
    try:
        return Answer.model_validate_json(said)
    except ValidationError as error:
        raise StackError(OTHER_VERSION.format(said=tidy(said.decode()))) from error
