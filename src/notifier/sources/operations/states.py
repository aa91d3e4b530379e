"""Step Functions: executions of standard workflows.

Statuses are those of botocore's Step Functions model, fields those of "Automating Step Functions event delivery with
EventBridge" in the Step Functions Developer Guide. The events contain the input and output of an execution, which are
never shown.
"""

import re
from typing import Final

from notifier.model.status_change import Meanings, failure, info, progress, recovered, success
from notifier.sources.envelope import Event, json_object, text_or_none
from notifier.sources.fields import Fields, first, in_arn, marked, matched
from notifier.sources.reader import EventType

# The keys of the message in the cause of a Lambda function and of an ECS task.
CAUSES: Final = ("errorMessage", "StoppedReason")
# A pattern, because a cause may be cut, and is then invalid JSON.
JSON: Final = re.compile(r"\W*\{")
# AWS's own messages quote the input of a state; those of other services may quote what they received or returned.
QUOTED: Final = re.compile(
    r"""(\b(?:input|output|payload))[\s:=]+['"\[{].*|\W?\{\s*\\?['"].*""", re.DOTALL | re.IGNORECASE
)
REDRIVES: Final = matched(r"([1-9][0-9]{0,5})\Z", "redriveCount")
REDRIVE: Final = "aws stepfunctions redrive-execution --execution-arn {redrivable}"

FIX: Final = "Fix the cause in its failed state, then redrive the execution from there, or start it again."
SLOW_STATE: Final = "Find in its history the state that took so long, then redrive the execution, or start it again."

EXECUTION: Final[Meanings] = {
    "ABORTED": info("was aborted"),
    "FAILED": failure("failed", FIX, REDRIVE),
    "PENDING_REDRIVE": progress("waits to be redriven"),
    "RUNNING": progress("is running"),
    "SUCCEEDED": success("succeeded"),
    "SUCCEEDED REDRIVE": recovered("succeeded after a redrive"),
    "TIMED_OUT": failure("ran out of time", SLOW_STATE, REDRIVE),
}


def _reason(event: Event) -> str:
    """Join error and cause; of a cause in JSON only the message, because the rest may contain a task's environment."""
    cause = event.text("cause") or ""
    fields = json_object(cause)
    messages = (text_or_none(fields.get(name)) for name in CAUSES)
    message = next(filter(None, messages), "") if JSON.match(cause) else QUOTED.sub(r"\1", cause)
    return ": ".join(filter(None, (event.text("error"), message)))


FIELDS: Final[Fields] = {
    "arn": "executionArn",
    "status": "status",
    "outcome": marked("status", "SUCCEEDED", "REDRIVE", REDRIVES),
    "reason": _reason,
    "operation": "executionArn",
    "redrivable": lambda event: event.text("executionArn") if event.text("redriveStatus") == "REDRIVABLE" else None,
    # The documentation has invalid ARNs: arn:aws::states:...
    "machine": first(matched(".*?:stateMachine:(.+)", "stateMachineArn"), in_arn("execution:([^:]+):", "executionArn")),
    "run": first("name", in_arn("execution:[^:]+:(.+)", "executionArn")),
}
NAME: Final = ("machine", "run")
FACTS: Final[Fields] = {"Redrives": REDRIVES, "Message": "reason"}
KEY: Final = "StepFunctionsExecution/{account}/{region}/{machine}"

EVENT_TYPES: Final = {
    "Step Functions Execution Status Change": EventType(
        "StepFunctionsExecution", "execution", FIELDS, EXECUTION, NAME, FACTS, key=KEY
    )
}
