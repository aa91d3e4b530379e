"""The routes document through the real template, deployed into moto, whose Parameter Store sends no events."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from notifier.delivery.delivery import Delivery
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.localaws.stack import STACK
from proton_notifier.main import main
from tests.aws_calls import AwsCalls
from tests.bus import enqueue
from tests.local_cloud import LocalCloud
from tests.samples import event, notification

FAILURE = event("service-instance-deployment-failed")
SUCCESS = event("service-created")
REWRITTEN = {"source": "aws.ssm", "detail-type": "Parameter Store Change", "id": "change", "detail": {}}
ROUTES = f"/{STACK}/routes"
DOCUMENT = """
[destinations.shop]
type = "slack"
webhook = "/proton-notifier/shop"

[[routes]]
match = { service = "checkout", severity = "failure" }
to = ["shop", "email"]
title = "${ severity|upper } in the shop"
body = "Ring <!channel> ${ name }."
mention = { failure = "@here" }
"""
# As Parameter Store takes it, which moto is not particular about.
STORABLE = DOCUMENT.replace("{{", "{\\u007b")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """Run a fake Slack."""
    with FakeSlack() as running:
        yield running


@pytest.fixture
def cloud(slack: FakeSlack) -> Iterator[LocalCloud]:
    """Deploy the template, with a secret for the document to name."""
    with LocalCloud(slack.url) as deployed:
        boto3.client("ssm").put_parameter(Name="/proton-notifier/shop", Value=slack.url, Type="SecureString")
        yield deployed


def write(document: str) -> None:
    """Write the document that is live."""
    boto3.client("ssm").put_parameter(Name=ROUTES, Value=document, Type="String", Overwrite=True)


def another(failure: dict[str, Any]) -> dict[str, Any]:
    """Let it be about another instance of the service."""
    (arn,) = failure["resources"]
    return {**failure, "id": "again", "resources": [f"{arn}-2"], "detail": {**failure["detail"], "name": "prod-2"}}


def logged(cloud: LocalCloud, message: str) -> list[dict[str, Any]]:
    """Find the lines of the first function that say *message*."""
    lines = [json.loads(line) for line in cloud.events_function.log.getvalue().splitlines()]
    return [line for line in lines if line.get("message") == message]


def measured(cloud: LocalCloud, metric: str) -> list[float]:
    """List what the first function measured."""
    lines = [json.loads(line) for line in cloud.events_function.log.getvalue().splitlines()]
    return [line[metric][0] for line in lines if metric in line]


def test_a_document_says_who_is_told_and_how(cloud: LocalCloud, slack: FakeSlack) -> None:
    """Its destinations, its texts, its mention; what no route leads on goes nowhere, whatever the parameters say."""
    write(DOCUMENT)

    summaries = [cloud.invoke(raw) for raw in (FAILURE, SUCCESS, event("environment-deployment-failed"))]

    (message,) = slack.messages
    (email,) = cloud.emails()
    title, mention, body, *_ = (block["text"]["text"] for block in message["blocks"])
    assert [summary and summary["destinations"] for summary in summaries] == [["shop", "email"], [], []]
    assert (title, mention) == ("🔴 FAILURE in the shop", "<!here>")
    assert body == "Ring &lt;!channel&gt; checkout/prod."
    assert email.subject == "FAILED: FAILURE in the shop"
    assert email.body.startswith("FAILURE in the shop.\n\nRing <!channel> checkout/prod.\n\n")
    assert not cloud.failures


def test_what_is_silenced_is_counted_and_logged(cloud: LocalCloud, slack: FakeSlack) -> None:
    """It is never just gone; without routes of its own, a document leaves the stack's."""
    write('[[silences]]\nmatch = { service = "checkout" }\nuntil = 2999-01-01T00:00:00Z\nreason = "moving"\nby = "jo"')

    cloud.invoke(FAILURE)
    cloud.invoke(event("environment-deployment-failed"))

    (line,) = logged(cloud, "silenced")
    (message,) = slack.messages
    assert [line[key] for key in ("correlation_id", "resource", "severity", "reason", "by", "until")] == [
        FAILURE["id"],
        "checkout/prod",
        "failure",
        "moving",
        "jo",
        "2999-01-01T00:00:00+00:00",
    ]
    assert measured(cloud, "Silenced") == [1]
    assert "nvironment" in message["text"]


def test_a_silence_begins_and_ends_by_command(
    cloud: LocalCloud, slack: FakeSlack, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stack reads the document anew when it was written; the failure of another instance is told again after."""
    write(STORABLE)
    moving = ("--match", "service=checkout", "--for", "2h", "--reason", "moving", "--by", "jo")

    added = main(["silence", "add", "--stack", STACK, *moving, "--yes"])
    cloud.invoke(REWRITTEN)
    silenced = cloud.invoke(FAILURE)
    ended = main(["silence", "expire", "1", "--stack", STACK, "--yes"])
    cloud.invoke(REWRITTEN)
    told = cloud.invoke(another(FAILURE))

    assert (added, ended) == (0, 0), capsys.readouterr().err
    assert [line["reason"] for line in logged(cloud, "silenced")] == ["moving"]
    assert [summary and summary["destinations"] for summary in (silenced, told)] == [[], ["shop", "email"]]
    assert [message["blocks"][0]["text"]["text"] for message in slack.messages] == ["🔴 FAILURE in the shop"]
    assert not cloud.failures


def test_what_is_shown_can_be_pushed(cloud: LocalCloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As docs/operations.md has it for routes in trouble."""
    write(STORABLE.replace("service =", "servce ="))
    file = tmp_path / "routes.toml"

    shown = main(["routes", "show", "--stack", STACK])
    file.write_text(capsys.readouterr().out.replace("servce =", "service ="), encoding="utf-8")
    pushed = main(["routes", "push", str(file), "--stack", STACK, "--yes"])
    mended = cloud.invoke(REWRITTEN)

    assert (shown, pushed) == (1, 0), capsys.readouterr().err
    assert mended == {"id": "change", "error": ""}


def test_a_broken_document_rings_and_the_last_good_one_applies(cloud: LocalCloud, slack: FakeSlack) -> None:
    """When it is written, not when the next event comes; and until it is mended."""
    write(DOCUMENT)
    write(DOCUMENT.replace("service =", "servce ="))

    broken = cloud.invoke(REWRITTEN)
    cloud.invoke(FAILURE)
    write(DOCUMENT + "\n")
    mended = cloud.invoke(REWRITTEN)

    assert broken is not None
    assert broken["error"].startswith("the routes are broken, and an earlier version applies: routes[1].match.serv")
    assert mended == {"id": "change", "error": ""}
    assert measured(cloud, "RoutesInTrouble") == [1, 1, 0]
    assert [line["error"] for line in logged(cloud, "routes in trouble")] == [broken["error"]] * 2
    assert [message["blocks"][0]["text"]["text"] for message in slack.messages] == ["🔴 FAILURE in the shop"]


def test_a_destination_that_only_the_other_function_knows_is_looked_up(cloud: LocalCloud, slack: FakeSlack) -> None:
    """Either may have read the document a minute earlier."""
    cloud.invoke(event("environment-deployment-failed"))
    write(DOCUMENT)
    cloud.invoke(REWRITTEN)

    cloud.invoke(FAILURE)

    assert [message["blocks"][0]["text"]["text"] for message in slack.messages][1:] == ["🔴 FAILURE in the shop"]
    assert not cloud.failures


def test_a_delivery_to_a_removed_destination_is_kept(cloud: LocalCloud) -> None:
    """A person decides what becomes of it."""
    delivery = Delivery(notification=notification(FAILURE), destination="shop")

    enqueue(cloud, delivery.to_json())
    cloud.event_source.hand_over_all()

    assert cloud.failures == ["delivery given up: there is no destination named shop"]
    assert len(cloud.queue("FailedDeliveries").bodies) == 1


def test_without_parameter_store_nothing_goes_by_a_guess(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new process fails, so that the event is tried again and kept; what only the document knows waits."""
    with LocalCloud(slack.url) as cloud:
        write(DOCUMENT)
        AwsCalls(monkeypatch).refuse("ssm.GetParameter")
        deliveries = [Delivery(notification=notification(FAILURE), destination=name) for name in ("shop", "email")]

        cloud.invoke(FAILURE)
        enqueue(cloud, *(delivery.to_json() for delivery in deliveries))
        cloud.event_source.hand_over_all()

        assert cloud.failures[0].startswith("event: the routes could not be read: ")
        assert cloud.failures[1].startswith(
            "delivery not sent: there is no destination named shop; the routes could not be read: "
        )
        assert (len(cloud.emails()), slack.messages) == (1, [])
        assert measured(cloud, "RoutesInTrouble") == [1]
        assert (len(cloud.queue("Deliveries").bodies), len(cloud.queue("FailedDeliveries").bodies)) == (1, 0)
