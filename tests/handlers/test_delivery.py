import json
from typing import Any

import pytest

from cli.local_cloud import LocalFunction
from tests.functions import VARIABLES, log_lines
from tests.samples import EVENTS


def function(**variables: str) -> LocalFunction:
    """Start the function with *variables* beside the usual ones."""
    return LocalFunction("handlers.delivery.handler", {**VARIABLES, "POWERTOOLS_SERVICE_NAME": "delivery", **variables})


def batch() -> dict[str, Any]:
    """Read the sample batch of one event for both destinations."""
    loaded: dict[str, Any] = json.loads((EVENTS / "deliveries/two-destinations.json").read_text(encoding="utf-8"))
    return loaded


def test_each_delivery_of_a_batch_is_sent() -> None:
    """Nothing goes back to the queue, and the log names each destination."""
    started = function()

    assert started.invoke(batch()) == {"batchItemFailures": []}

    assert "--- would be sent to the email topic ---\nSubject: FAILED: Service instance checkout/prod" in (
        started.log.getvalue()
    )
    assert [(line["message"], line["destination"]) for line in log_lines(started)] == [
        ("sent", "email"),
        ("sent", "slack"),
    ]
    assert '"Sent":[1.0,1.0]' in started.log.getvalue()


def test_only_what_failed_goes_back_to_the_queue() -> None:
    """A destination that is gone fails its own record; the other one is sent and not repeated."""
    started = function(SLACK_SECRET_NAME="")
    records = batch()["Records"]

    assert started.invoke({"Records": records}) == {"batchItemFailures": [{"itemIdentifier": records[1]["messageId"]}]}

    sent, failed = log_lines(started)
    assert (sent["message"], sent["destination"]) == ("sent", "email")
    assert (failed["level"], failed["message"], failed["message_id"]) == ("ERROR", "not sent", records[1]["messageId"])
    assert (failed["destination"], failed["resource"]) == ("slack", "checkout/prod")
    assert "there is no destination named slack" in str(failed["exception"])
    assert '"Failed":[1.0]' in started.log.getvalue()


def test_a_record_that_is_no_delivery_goes_back_and_stops_nothing() -> None:
    """The redrive policy takes it to the queue of failed deliveries; the log repeats nothing of it."""
    started = function()
    broken, good = batch()["Records"]
    broken["body"] = '{"notification": "s3cr3t"}'

    assert started.invoke({"Records": [broken, good]}) == {
        "batchItemFailures": [{"itemIdentifier": broken["messageId"]}]
    }

    failed, sent = log_lines(started)
    assert failed["message"] == "not sent"
    assert not {"correlation_id", "destination", "resource"} & set(failed)
    assert sent["message"] == "sent"
    assert "s3cr3t" not in started.log.getvalue()


def test_a_batch_of_failures_goes_back_whole() -> None:
    """Each record is named, so that the queue counts each as received."""
    started = function(ALERT_TOPIC_ARN="", SLACK_SECRET_NAME="other")  # noqa: S106 - only its name
    records = [{**batch()["Records"][0], "messageId": message_id} for message_id in ("m-1", "m-2")]

    assert started.invoke({"Records": records}) == {
        "batchItemFailures": [{"itemIdentifier": "m-1"}, {"itemIdentifier": "m-2"}]
    }


def test_what_cannot_be_tried_in_time_goes_back_unharmed() -> None:
    """If Lambda ended the function, what was sent before would come back and be sent again."""
    started = function()
    records = batch()["Records"]

    answer = started.invoke({"Records": records}, remaining_milliseconds=19_999)

    assert len(answer["batchItemFailures"]) == 2
    assert "too little time was left to try" in started.log.getvalue()
    assert "would be sent" not in started.log.getvalue()


def test_what_is_no_batch_fails_the_invocation() -> None:
    """An invocation by hand with the wrong file says so."""
    with pytest.raises(Exception, match="SQS"):
        function().invoke({"source": "aws.proton"})
