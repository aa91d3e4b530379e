"""A deployed stack: its account and region, its resources, parameters and outputs, and clients for it."""

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NoReturn

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from handlers.proofs import require_proof

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

# Longer than in Lambda, where each second of waiting costs money.
CLIENT_CONFIG: Final = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})
NO_REGION: Final = "there is no region: give --region, set AWS_REGION, or set one in your profile"
DENIALS: Final = frozenset({"AccessDenied", "AccessDeniedException"})
# The permission for each operation.
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


class StackError(Exception):
    """A command cannot work on a stack; the message says why, and what to do."""


def stop(message: str) -> NoReturn:
    """Raise `StackError` with *message*."""
    raise StackError(message)


def explain_error(error: Exception) -> str:
    """Describe *error*, with the missing permission or other advice if there is any."""
    if not isinstance(error, ClientError):
        return str(error)
    operation, code = error.operation_name, error.response["Error"]["Code"]
    if code in DENIALS:
        return f"you need {ACTIONS.get(operation, operation)}: {error}"
    advice = ADVICE.get((operation, code))
    return f"{error}\n  {advice}" if advice else str(error)


# Errors that a command reports in one message, without a traceback.
STACK_ERRORS: Final = (BotoCoreError, ClientError, StackError)


class DeployedStack:
    """The stack *name* in the AWS CLI's region: *region*, AWS_REGION, AWS_DEFAULT_REGION, or that of the profile."""

    def __init__(self, name: str, region: str | None) -> None:
        self.name = name
        # The options of a command that a person can copy.
        self.options = f"--stack {name} --region {region}" if region else f"--stack {name}"
        self._region = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")

    def client(self, service: str, config: Config = CLIENT_CONFIG) -> Any:  # noqa: ANN401 - its type depends on *service*
        """Make a client of *service* in the stack's region; raise `StackError` if the AWS settings do not allow it."""
        try:
            region = self._region or Session().get_scoped_config().get("region")
            if not region:
                stop(NO_REGION)
            return self._session.client(service, region_name=region, config=config)  # type: ignore[call-overload] # any service
        except (BotoCoreError, ValueError) as error:
            stop(str(error))

    @cached_property
    def _session(self) -> boto3.Session:
        # A dead letter is deleted only after a response that proves the call.
        session = boto3.DEFAULT_SESSION or boto3.Session()
        session.events.register("creating-client-class", require_proof, unique_id="proof")
        return session

    @cached_property
    def caller(self) -> Mapping[str, str]:
        """The identity of the credentials: `Account` and `Arn`."""
        identity: Mapping[str, str] = self.client("sts").get_caller_identity()
        return identity

    def announce(self) -> None:
        """Print the stack that a command is about to act on, with its account and region."""
        region = self._cloudformation.meta.region_name
        print(f"Stack {self.name} in account {self.caller['Account']}, region {region}", flush=True)

    def physical_ids(self, *logical_ids: str) -> dict[str, str]:
        """Look up the physical ids of *logical_ids*; raise `StackError` if the stack lacks one of them."""
        pages = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name)
        resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
        found = {each["LogicalResourceId"]: each.get("PhysicalResourceId", "") for each in resources}
        if missing := [name for name in logical_ids if not found.get(name)]:
            which = "is not a stack of this notifier, or one of an earlier version"
            stop(f"{self.name} {which}: it has no {', '.join(missing)}")
        return found

    @cached_property
    def parameters(self) -> Mapping[str, str]:
        """The values of the stack's parameters."""
        return {entry["ParameterKey"]: entry["ParameterValue"] for entry in self._description.get("Parameters", ())}

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        """The stack's outputs."""
        return {entry["OutputKey"]: entry["OutputValue"] for entry in self._description.get("Outputs", ())}

    @cached_property
    def _cloudformation(self) -> "CloudFormationClient":
        client: CloudFormationClient = self.client("cloudformation")
        return client

    @cached_property
    def _description(self) -> "StackTypeDef":
        return self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]


def run_on_stack(run: Callable[[Namespace, DeployedStack], int], arguments: Namespace) -> int:
    """Run a command on the stack that *arguments* name; on an error, print it and return 1."""
    try:
        return run(arguments, DeployedStack(arguments.stack, arguments.region))
    except STACK_ERRORS as error:
        print(f"{arguments.stack}: {explain_error(error)}", file=sys.stderr)
        return 1


def confirm(question: str) -> bool:
    """Ask *question*; only "y" or "yes" confirms. Raise `StackError` if there is no terminal."""
    if not sys.stdin.isatty():
        stop("there is no terminal to ask on; give --yes to go on without asking")
    print(f"{question} [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
