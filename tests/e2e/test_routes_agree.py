"""`notifier routes test` and the deployed function decide the same."""

import json
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from notifier.delivery.delivery import Delivery
from proton_notifier.localaws.environment import ENVIRONMENT
from proton_notifier.localaws.function import LocalFunction
from proton_notifier.main import main
from tests.documents import documents, toml
from tests.functions import VARIABLES
from tests.samples import EVENTS, NAMES, event

ROUTES = "/stack/routes"
REWRITTEN = {"source": "aws.ssm", "detail-type": "Parameter Store Change", "id": "change", "detail": {}}
REGION = ENVIRONMENT["AWS_DEFAULT_REGION"]


@pytest.fixture(scope="module")
def queue() -> Iterator[str]:
    """Make a queue in moto."""
    with mock_aws():
        yield boto3.client("sqs", region_name=REGION).create_queue(QueueName="deliveries")["QueueUrl"]


@pytest.fixture(scope="module")
def function(queue: str) -> LocalFunction:
    """Start the function that takes events."""
    own = {
        "ACCOUNT_NAMES": "",
        "DELIVERIES_QUEUE_URL": queue,
        "DELIVERY_MODE": "send",
        "ROUTES_PARAMETER": ROUTES,
        "SECRET_PREFIX": "proton-notifier",
    }
    return LocalFunction("handlers.events.handler", {**VARIABLES, **own})


def told_by_the_function(function: LocalFunction, queue: str, raw: Mapping[str, Any]) -> dict[str, str | None]:
    """Say whom the function told, and who is mentioned."""
    sqs = boto3.client("sqs", region_name=REGION)
    assert function.invoke(REWRITTEN) == {"id": "change", "error": ""}
    function.invoke(raw)
    deliveries = []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            deliveries.append(Delivery.from_json(message["Body"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return {delivery.destination: delivery.notification.mention for delivery in deliveries}


def told_by_the_command(document: Path, name: str) -> dict[str, str | None]:
    """Say whom the command names."""
    with redirect_stdout(StringIO()) as printed:
        assert main(["routes", "test", str(document), str(EVENTS / f"{name}.json"), "--output", "json"]) == 0
    decided = json.loads(printed.getvalue())
    return {recipient["destination"]: recipient["mention"] for recipient in decided["recipients"]}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=documents(), name=st.sampled_from(NAMES))
def test_the_command_says_what_the_function_does(
    content: dict[str, Any], name: str, function: LocalFunction, queue: str, tmp_path: Path
) -> None:
    """For any valid document and any event: the same destinations, and the same people mentioned."""
    document = tmp_path / "routes.toml"
    document.write_text(toml(content), encoding="utf-8")
    boto3.client("ssm", region_name=REGION).put_parameter(
        Name=ROUTES, Value=toml(content), Type="String", Overwrite=True, Tier="Advanced"
    )

    assert told_by_the_function(function, queue, event(name)) == told_by_the_command(document, name)
