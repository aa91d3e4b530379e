"""A deployed stack: in which account and region it is, where its parts are, and what it says of itself."""

import os
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from handlers.proofs import ask_for_proof

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

# For a person who waits, not for a function that is paid by the second.
CLIENT_CONFIG: Final = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})
NO_REGION: Final = "there is no region: give --region, set AWS_REGION, or set one in your profile"


class WrongStackError(Exception):
    """A stack is none of the notifier's, or cannot be asked at all; the message says why."""


class DeployedStack:
    """The stack *name*; *region* is what the person gave, if anything.

    As for the AWS CLI, the shell's AWS_REGION comes next, then AWS_DEFAULT_REGION, then the profile's region. boto3
    knows only the last two.
    """

    def __init__(self, name: str, region: str | None) -> None:
        self.name = name
        # For a command that the person can repeat.
        self.options = f"--stack {name} --region {region}" if region else f"--stack {name}"
        self._region = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")

    def client(self, service: str, config: Config = CLIENT_CONFIG) -> Any:  # noqa: ANN401 - botocore's types know one client for all services
        """Make a client of *service* in the stack's region; raise `WrongStackError` if the settings allow none."""
        try:
            region = self._region or Session().get_scoped_config().get("region")
            if not region:
                raise WrongStackError(NO_REGION)
            return self._session.client(service, region_name=region, config=config)  # type: ignore[call-overload] # any service
        except (BotoCoreError, ValueError) as error:
            raise WrongStackError(str(error)) from error

    @cached_property
    def _session(self) -> boto3.Session:
        # A dead letter is deleted because of an answer: it has to be a proof here, too.
        session = boto3.DEFAULT_SESSION or boto3.Session()
        session.events.register("creating-client-class", ask_for_proof, unique_id="proof")
        return session

    @cached_property
    def caller(self) -> Mapping[str, str]:
        """The identity of the credentials: `Account` and `Arn`."""
        identity: Mapping[str, str] = self.client("sts").get_caller_identity()
        return identity

    def announce(self) -> None:
        """Print which stack is about to be acted on."""
        region = self._cloudformation.meta.region_name
        print(f"Stack {self.name} in account {self.caller['Account']}, region {region}", flush=True)

    def physical_ids(self, logical_ids: Collection[str]) -> Mapping[str, str]:
        """Find what the stack made for *logical_ids*, a queue's URL or a name; raise `WrongStackError` if any lacks."""
        pages = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name)
        found = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for page in pages
            for resource in page["StackResourceSummaries"]
            if resource["LogicalResourceId"] in logical_ids and "PhysicalResourceId" in resource
        }
        missing = [name for name in logical_ids if name not in found]
        if missing:
            message = f"{self.name} is not a stack of this notifier: it has no {', '.join(missing)}"
            raise WrongStackError(message)
        return found

    def parameters(self) -> Mapping[str, str]:
        """Read what the stack was deployed with."""
        return {each["ParameterKey"]: each["ParameterValue"] for each in self._described.get("Parameters", ())}

    def outputs(self) -> Mapping[str, str]:
        """Read what the stack says of itself."""
        return {each["OutputKey"]: each["OutputValue"] for each in self._described.get("Outputs", ())}

    @cached_property
    def _cloudformation(self) -> "CloudFormationClient":
        client: CloudFormationClient = self.client("cloudformation")
        return client

    @cached_property
    def _described(self) -> "StackTypeDef":
        (described,) = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        return described
