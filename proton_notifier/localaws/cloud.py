"""The template, deployed into moto, and its handlers, in this process.

Events go from the bus to the events function, deliveries from the queue to the delivery function. Not modelled: IAM and
KMS, the duration of a call or a function, Lambda's retries of a failed event, confirmations of email subscriptions.
"""

import os
from contextlib import ExitStack
from typing import Any, Final, Self
from unittest.mock import patch

import boto3
from moto import mock_aws
from moto.cloudformation.models import cloudformation_backends
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import Item
from moto.events.models import events_backends

from notifier.sources.table import SWEEP_SOURCE
from proton_notifier.common.rules import matches
from proton_notifier.localaws.environment import ENVIRONMENT, REGION, isolated
from proton_notifier.localaws.event_source import Batching, BatchResponse
from proton_notifier.localaws.function import LocalFunction
from proton_notifier.localaws.queue import LocalQueue, local_queue, local_queues
from proton_notifier.localaws.stack import ACCOUNT, STACK, deploy

SECRET_NAME: Final = "slack-webhook"  # noqa: S105 - not the secret itself
# The response of the events function: {"id", "severity", "title", "destinations"}.
EventsResponse = dict[str, Any]


class LocalCloud:
    """The stack, deployed with *parameters* and the Slack webhook *webhook*; *failures* are the errors of events."""

    def __init__(self, webhook: str, **parameters: str) -> None:
        self.failures: list[str] = []
        self._webhook = webhook
        self._parameters = {
            "AccountNames": f"{ACCOUNT}=production",
            "WebhookHosts": "127.0.0.1",  # the fake Slack
            "AlertEmail": "team@example.com",
            "SlackSecretName": SECRET_NAME,
            **parameters,
        }

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(patch.dict(os.environ, isolated(os.environ), clear=True))
            opening.enter_context(mock_aws())
            opening.enter_context(local_queues())
            opening.enter_context(patch.dict(os.environ, ENVIRONMENT))
            boto3.client("secretsmanager").create_secret(Name=SECRET_NAME, SecretString=self._webhook)
            self.template = deploy(self._parameters)
            self._resources = cloudformation_backends[ACCOUNT][REGION].get_stack(STACK).resource_map
            self._lambda = boto3.client("lambda")
            self.events_function = self.cold_start("EventsFunction")
            self.delivery_function = self.cold_start("DeliveryFunction")
            rules = events_backends[ACCOUNT][REGION].event_buses["default"].rules.values()
            self._patterns = [pattern for rule in rules if (pattern := rule.event_pattern.dump())]
            self.batching = Batching.of(self.template, self._parameters)
            self._open = opening.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._open.close()

    def physical_id(self, logical_id: str) -> str:
        """Return the physical id of *logical_id*: the URL of a queue, the ARN of a topic, or a name."""
        resource: Any = self._resources[logical_id]
        return str(resource.physical_resource_id)

    def queue(self, logical_id: str) -> LocalQueue:
        """Return a queue of the stack."""
        return local_queue(self.physical_id(logical_id))

    def put_event(self, event: dict[str, Any]) -> list[EventsResponse]:
        """Put *event* on the bus: invoke the events function with *event* if a rule matches."""
        return self.invoke_events_function(event) if any(matches(pattern, event) for pattern in self._patterns) else []

    def invoke_events_function(self, *events: object) -> list[EventsResponse]:
        """Invoke the events function with each of *events*; return the responses of the successful invocations."""
        responses = []
        for event in events:
            try:
                responses.append(self.events_function.invoke(event))
            except Exception as error:  # noqa: BLE001 - for Lambda, too, any exception is a failure
                self.failures.append(f"event: {error}")
        return responses

    def sweep(self) -> list[EventsResponse]:
        """Invoke the events function as the sweep's schedule does."""
        return self.invoke_events_function({"source": SWEEP_SOURCE, "detail-type": "Notifier Sweep", "detail": {}})

    def forget(self) -> None:
        """Empty the tables, so that the next event about a resource counts as its first, and belongs to no thread."""
        for table in ("Ledger", "Memory"):
            dynamodb_backends[ACCOUNT][REGION].get_table(self.physical_id(table)).items.clear()

    @property
    def due_at(self) -> float | None:
        """The earliest due time in the memory, in seconds since 1970."""
        # moto's own list of the items is sorted, which is slow in a storm.
        rows = dynamodb_backends[ACCOUNT][REGION].get_table(self.physical_id("Memory")).items.values()
        times = (row.attrs["due_at"] for row in rows if isinstance(row, Item) and "due_at" in row.attrs)
        return min((float(time.value) for time in times), default=None)

    def cold_start(self, logical_id: str) -> LocalFunction:
        """Start a function of the stack in a new environment."""
        configuration = self._lambda.get_function_configuration(FunctionName=self.physical_id(logical_id))
        variables = configuration["Environment"]["Variables"]
        return LocalFunction(configuration["Handler"], variables)

    def deliver(self, batch: dict[str, Any]) -> BatchResponse:
        """Invoke the delivery function with *batch*."""
        response: BatchResponse = self.delivery_function.invoke(batch)
        return response
