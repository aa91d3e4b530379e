import json
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws

from notifier.channels import CHANNEL_TYPES
from notifier.channels.base import Clients, Receipt
from notifier.channels.destination import Destination, Setting
from notifier.delivery.delivery import Delivery
from notifier.settings import SettingsError
from proton_notifier.localaws.function import LocalFunction
from tests.aws_calls import AwsCalls
from tests.functions import VARIABLES, deploy, log_lines
from tests.samples import EVENTS, HEARTBEAT, notification


def function(**variables: str) -> LocalFunction:
    """Start the function with *variables* beside the usual ones."""
    return LocalFunction("handlers.delivery.handler", {**VARIABLES, "POWERTOOLS_SERVICE_NAME": "delivery", **variables})


def batch() -> dict[str, Any]:
    """Read the sample batch of one event for both destinations."""
    loaded: dict[str, Any] = json.loads((EVENTS / "deliveries/two-destinations.json").read_text(encoding="utf-8"))
    return loaded


def measured(started: LocalFunction) -> list[dict[str, Any]]:
    """Read what the function measured, without the latency, which differs from run to run."""
    lines = map(json.loads, filter(lambda line: line.startswith('{"_aws"'), started.log.getvalue().splitlines()))
    kept = [{name: value for name, value in line.items() if name not in {"_aws", "LatencySeconds"}} for line in lines]
    return sorted(kept, key=lambda line: (line.get("destination", ""), line.get("reason", "")))


def logged(started: LocalFunction) -> list[Mapping[str, object]]:
    """Read what the function logged, by destination: they are served in parallel."""
    return sorted(log_lines(started), key=lambda line: str(line.get("destination", "")))


def test_each_delivery_of_a_batch_is_sent() -> None:
    """Nothing goes back to the queue, and the log names each destination."""
    started = function()

    assert started.invoke(batch()) == {"batchItemFailures": []}

    assert "--- would be sent to email ---\nSubject: FAILED: production: checkout/prod" in (started.log.getvalue())
    assert [(line["message"], line["destination"], line["resource"]) for line in logged(started)] == [
        ("sent", "email", "checkout/prod"),
        ("sent", "slack", "checkout/prod"),
    ]


def test_what_became_of_a_batch_is_measured_by_destination() -> None:
    """Dashboards and alarms read these metrics; no zero is sent, for it would be billed."""
    started = function(SLACK_SECRET_NAME="")

    started.invoke(batch())

    service = {"service": "delivery"}
    assert measured(started) == [
        {**service, "PermanentlyFailed": [1.0]},
        {**service, "destination": "email", "Sent": [1.0]},
        {**service, "destination": "slack", "reason": "misconfigured", "Failed": [1.0]},
    ]


@pytest.mark.parametrize(("silent", "message", "sent"), [(True, "heartbeat arrived", 0), (False, "sent", 1)])
def test_a_heartbeat_that_is_through_is_measured(*, silent: bool, message: str, sent: int) -> None:
    """The alarm counts these; what no destination got does not count as sent, and has no latency."""
    started = function()
    delivery = Delivery(notification=notification(HEARTBEAT), destination="email", silent=silent)
    record = {**batch()["Records"][0], "body": delivery.to_json()}

    assert started.invoke({"Records": [record]}) == {"batchItemFailures": []}

    metrics = {"Heartbeats": [1.0], **({"Sent": [1.0]} if sent else {})}
    assert measured(started) == [{"service": "delivery", "destination": "email", **metrics}]
    assert ("LatencySeconds" in started.log.getvalue()) is not silent
    assert [(line["message"], line["resource"]) for line in log_lines(started)] == [(message, "heartbeat")]
    assert started.log.getvalue().count("would be sent") == sent


def test_a_heartbeat_that_failed_is_not_measured_as_one() -> None:
    """Its destination is gone: the alarm on missing heartbeats is to ring, too."""
    started = function(SLACK_SECRET_NAME="")
    delivery = Delivery(notification=notification(HEARTBEAT), destination="slack")

    started.invoke({"Records": [{**batch()["Records"][0], "body": delivery.to_json()}]})

    assert "Heartbeats" not in started.log.getvalue()


def test_only_what_failed_goes_back_to_the_queue() -> None:
    """A destination that is gone fails its own record; the other one is sent and not repeated."""
    started = function(SLACK_SECRET_NAME="")
    records = batch()["Records"]

    assert started.invoke({"Records": records}) == {"batchItemFailures": [{"itemIdentifier": records[1]["messageId"]}]}

    sent, failed = logged(started)
    assert (sent["message"], sent["destination"]) == ("sent", "email")
    assert {key: failed[key] for key in ("level", "message", "message_id", "destination", "resource", "reason")} == {
        "level": "ERROR",
        "message": "not sent",
        "message_id": records[1]["messageId"],
        "destination": "slack",
        "resource": "checkout/prod",
        "reason": "misconfigured",
    }
    assert failed["correlation_id"] == json.loads(records[1]["body"])["notification"]["event_id"]
    assert failed["why"] == "there is no destination named slack"


def test_a_record_that_is_no_delivery_goes_back_and_stops_nothing() -> None:
    """In the mode `print` there is no dead-letter queue to move it to; the log repeats nothing of it."""
    started = function()
    broken, good = batch()["Records"]
    broken["body"] = '{"notification": "s3cr3t"}'

    assert started.invoke({"Records": [broken, good]}) == {
        "batchItemFailures": [{"itemIdentifier": broken["messageId"]}]
    }

    failed, sent = log_lines(started)
    assert (failed["message"], failed["message_id"]) == ("not a delivery", broken["messageId"])
    assert sent["message"] == "sent"
    assert "s3cr3t" not in started.log.getvalue()


def test_what_cannot_be_tried_in_time_goes_back_unharmed() -> None:
    """If Lambda ended the function, only the ledger would know what was sent before."""
    started = function()

    answer = started.invoke(batch(), remaining_milliseconds=29_999)

    assert len(answer["batchItemFailures"]) == 2
    assert "too little time was left to try" in started.log.getvalue()
    assert "would be sent" not in started.log.getvalue()


def test_an_empty_batch_is_no_error() -> None:
    """Nothing to do is done."""
    assert function().invoke({"Records": []}) == {"batchItemFailures": []}


def test_what_is_no_batch_fails_the_invocation() -> None:
    """An invocation by hand with the wrong file says what is missing."""
    with pytest.raises(KeyError, match="Records"):
        function().invoke({"source": "aws.proton"})


class FakeChannel:
    """A channel whose destination takes every message."""

    max_batch = 1
    ordered = False
    settings = (Setting("webhook", ".*", "a secret"),)

    def __init__(self, clients: Clients, destination: Destination) -> None:
        self._region = clients.sns_in("us-east-1").meta.region_name
        self._name = destination.name

    def send(self, _notifications: object) -> Receipt:
        """Note where the message went."""
        return Receipt(f"noted in {self._region} for {self._name}")


def broken(_request: object) -> dict[str, Any]:
    """Fail as only a bug does."""
    message = "a bug"
    raise RuntimeError(message)


def test_a_bug_fails_the_invocation_and_says_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform counts an error, and the log has what Lambda does not show of it."""
    with mock_aws():
        AwsCalls(monkeypatch).answer("sns.Publish", broken)
        started = function(**deploy(), SLACK_SECRET_NAME="")

        with pytest.raises(ExceptionGroup, match="not every destination could be served") as caught:
            started.invoke(batch())

    (bug,) = caught.value.exceptions
    first, *others = logged(started)
    assert repr(bug) == "RuntimeError('a bug')"
    assert (first["message"], first["destination"], first["exception_name"]) == ("broke off", "email", "RuntimeError")
    assert [(line["message"], line["destination"], line["reason"]) for line in others] == [
        ("not sent", "email", "unavailable"),
        ("given up", "slack", "misconfigured"),
    ]


def test_a_bug_in_finding_a_destination_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the document has a declared destination; the stack's own destinations need no document."""
    declared, own = batch()["Records"]
    told = Delivery.from_json(declared["body"])
    declared["body"] = replace(told, destination="pager").to_json()
    with mock_aws():
        monkeypatch.setitem(CHANNEL_TYPES, "slack", (__name__, "FakeChannel"))
        AwsCalls(monkeypatch).answer("ssm.GetParameter", broken)
        started = function(**deploy())

        with pytest.raises(ExceptionGroup, match="not every destination could be served"):
            started.invoke({"Records": [declared, own]})

    assert [(line["message"], line["destination"]) for line in logged(started)] == [
        ("broke off", "pager"),
        ("not sent", "pager"),
        ("sent", "slack"),
    ]


def test_destinations_that_are_served_in_parallel_ask_once_for_the_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    """One answer of Parameter Store is enough for a batch, and a slow one does not make the others ask as well."""
    names = ["one", "two", "three", "four"]
    declared = "".join(f'[destinations.{name}]\ntype = "slack"\nwebhook = "/stack/{name}"\n' for name in names)
    asked: list[object] = []

    def document(request: object) -> dict[str, Any]:
        asked.append(request)
        time.sleep(0.1)  # the others come to ask, too
        return {"Parameter": {"Type": "String", "Value": declared}}

    record = batch()["Records"][0]
    told = Delivery.from_json(record["body"])
    records = [{**record, "messageId": name, "body": replace(told, destination=name).to_json()} for name in names]
    with mock_aws():
        monkeypatch.setitem(CHANNEL_TYPES, "slack", (__name__, "FakeChannel"))
        AwsCalls(monkeypatch).answer("ssm.GetParameter", document)
        started = function(**deploy())

        assert started.invoke({"Records": records}) == {"batchItemFailures": []}

    assert {line["destination"] for line in logged(started)} == {*names}
    assert len(asked) == 1


def test_destinations_that_are_served_in_parallel_share_what_they_send_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Secrets and connections are kept once."""
    clients: list[object] = []

    class SlowChannel:
        max_batch = 1
        ordered = False

        def __init__(self, outside: object, _destination: object) -> None:
            time.sleep(0.1)  # the other comes to be made, too
            clients.append(outside)

        def send(self, *_notifications: object) -> None:
            """Say yes."""

    monkeypatch.setitem(sys.modules, "slow", SimpleNamespace(SlowChannel=SlowChannel))
    for name in ("slack", "sns"):
        monkeypatch.setitem(CHANNEL_TYPES, name, ("slow", "SlowChannel"))

    with mock_aws():
        assert function(**deploy()).invoke(batch()) == {"batchItemFailures": []}

    first, second = clients
    assert first is second


def test_what_was_odd_about_a_message_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The channel's note stands with its outcome; its clients are those of the function, in another region too."""
    monkeypatch.setitem(CHANNEL_TYPES, "slack", (__name__, "FakeChannel"))
    with mock_aws():
        started = function(**deploy())

        assert started.invoke({"Records": batch()["Records"][1:]}) == {"batchItemFailures": []}

    assert [(line["message"], line["note"]) for line in logged(started)] == [("sent", "noted in us-east-1 for slack")]


@pytest.mark.parametrize("missing", ["DELIVERIES_QUEUE_URL", "FAILED_DELIVERIES_URL", "LEDGER_TABLE"])
def test_in_the_mode_send_a_missing_resource_fails_the_invocation(missing: str) -> None:
    """The error names the variable, and the queue brings the batch back."""
    with mock_aws():
        started = function(**{**deploy(), missing: ""})

        with pytest.raises(SettingsError, match=missing):
            started.invoke(batch())


def test_in_the_mode_print_a_bug_fails_the_invocation(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it does in the mode `send`; the other destination's message is printed."""
    monkeypatch.setitem(CHANNEL_TYPES, "slack", ("missing_module", "Channel"))
    started = function()

    with pytest.raises(ExceptionGroup, match="not every destination could be served"):
        started.invoke(batch())

    assert started.log.getvalue().count("would be sent to email") == 1
