"""The heartbeat through the real template, deployed into moto; that its rule fires is EventBridge's."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest

from proton_notifier.fakes.slack import FakeSlack
from tests.local_cloud import LocalCloud
from tests.samples import HEARTBEAT

pytestmark = pytest.mark.uncounted


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """Run a fake Slack."""
    with FakeSlack() as running:
        yield running


def marked(cloud: LocalCloud) -> set[str]:
    """List the deliveries that the ledger has as sent."""
    rows = boto3.client("dynamodb").scan(TableName=cloud.physical_id("Ledger"))["Items"]
    return {row["id"]["S"] for row in rows if row["state"]["S"] == "sent"}


def heartbeats(cloud: LocalCloud) -> Mapping[str, list[float]]:
    """Read what the function that sends measured, by destination."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in cloud.delivery_function.log.getvalue().splitlines()]
    return {line["destination"]: line["Heartbeats"] for line in lines if "Heartbeats" in line}


@pytest.mark.parametrize(("mode", "messages"), [("silent", 0), ("message", 1)])
def test_a_heartbeat_is_through_and_disturbs_nobody_unless_asked(mode: str, messages: int, slack: FakeSlack) -> None:
    """Whatever the scope, and however often the schedule repeats it."""
    with LocalCloud(slack.url, Heartbeat=mode) as cloud:
        cloud.invoke(HEARTBEAT)
        cloud.invoke(HEARTBEAT)

        emails = cloud.emails()
        assert [email.subject for email in emails] == [
            "INFO: production: notifier heartbeat arrived: messages get through (eu-west-1)"
        ] * messages
        assert [message["blocks"][0]["text"]["text"] for message in slack.messages] == [
            "⚪ production: notifier heartbeat arrived: messages get through (eu-west-1)"
        ] * messages
        assert marked(cloud) == {f"{HEARTBEAT['id']}/email", f"{HEARTBEAT['id']}/slack"}
        assert heartbeats(cloud) == {"email": [1.0], "slack": [1.0]}
        assert not cloud.failures
        assert not slack.rejections
