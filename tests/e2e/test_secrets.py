"""Plants a secret and searches everything that leaves the process for it, whatever Slack answers.

Searched are: standard output and standard error, which are the log and hold the metrics; every logger at DEBUG, as
an operator may set it by a variable; all that AWS is asked, which is what lies in queues, topics and the ledger; the
messages themselves; and the traceback of what nobody caught, which Lambda puts into log and trace. Left out are the
request that carries the secret to Slack, AWS's answer that brought it, and what somebody changes in the code.
"""

import json
import logging
import traceback
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest
from urllib3 import Timeout

from notifier.channels.base import Channel
from notifier.channels.destination import DeliveryError, Destination, Reason
from notifier.channels.http.responses import Endpoint, Response
from notifier.channels.secrets import Secret
from notifier.channels.slack.bot import SlackBotChannel
from notifier.channels.slack.webhook import SlackChannel
from notifier.delivery.delivery import Delivery
from proton_notifier.fakes.server import FakeResponse
from proton_notifier.fakes.slack import PATH, TOKEN, FakeSlack
from proton_notifier.localaws.cloud import SECRET_NAME
from proton_notifier.localaws.event_source import BatchResponse
from proton_notifier.localaws.function import LocalFunction
from tests.aws_calls import hooks, unhooked
from tests.clients import channel_clients
from tests.local_cloud import EventSource, LocalCloud
from tests.raw_responses import RawResponse
from tests.samples import event, notification

# By what the log says became of it; each of the failures' reasons is there.
ANSWERS = {
    "sent": (FakeResponse(200, "ok"), "sent", None),
    "headers that are none": (FakeResponse(200, "ok", {"X": "y\r\nno header"}), "not sent", Reason.UNAVAILABLE),
    "an address in the answer": (FakeResponse(404, f"Cannot POST {PATH}"), "given up", Reason.GONE),
    "an address instead of ok": (FakeResponse(200, PATH), "not sent", Reason.UNAVAILABLE),
    "an address in a header": (FakeResponse(429, "", {"Retry-After": PATH}), "not sent", Reason.RATE_LIMITED),
    "a redirect": (FakeResponse(307, "", {"Location": f"{PATH}/2"}), "given up", Reason.MISCONFIGURED),
    "refused": (FakeResponse(400, "invalid_payload"), "given up", Reason.REJECTED),
    "revoked": (FakeResponse(403, "invalid_token"), "given up", Reason.UNAUTHORISED),
    "silence": (FakeResponse(200, "ok", delay_seconds=0.9), "not sent", Reason.TIMED_OUT),
    "hung up": (RawResponse(hangs_up=True), "not sent", Reason.UNAVAILABLE),
}
# What every form of the fake's address has.
WEBHOOK = PATH.removeprefix("/services/").partition("/")[0]
PLANTED = "s3cr3t"
NO_WEBHOOKS = [
    PLANTED,
    f"https://evil.example/{PLANTED}",
    f"https://hooks.slack.com:{PLANTED}/",
    f"https://{PLANTED}@hooks.slack.com/",
    f"http://127.0.0.1:1/{PLANTED}",
    f"http://127.0.0.1:99999/{PLANTED}",
    f"https://hooks.slack.com\r\n/{PLANTED}",
    f'{{"url": "https://hooks.slack.com/{PLANTED}"}}',
]


@pytest.fixture(scope="module")
def slack() -> Iterator[FakeSlack]:
    """Run a fake Slack."""
    with FakeSlack() as running:
        yield running


@pytest.fixture(scope="module")
def deployed(slack: FakeSlack) -> Iterator[LocalCloud]:
    """Deploy one stack for all."""
    with LocalCloud(slack.url) as running:
        secrets = boto3.client("secretsmanager")
        secrets.create_secret(Name="webhook", SecretString=slack.url)
        secrets.create_secret(Name="token", SecretString=TOKEN)
        yield running


class Outside:
    """The output of the process since this object was made."""

    def __init__(self, capture: pytest.CaptureFixture[str], logged: pytest.LogCaptureFixture) -> None:
        self._capture = capture
        self._logged = logged
        self.asked: list[str] = []

    def tell(self, params: dict[str, Any], **_others: object) -> None:
        """Remember a request to AWS."""
        self.asked.append(f"{params['url']} {params['headers']} {params['body']!r}")

    def everything(self, *others: object) -> str:
        """Read all of it, and *others*."""
        written = self._capture.readouterr()
        return "\n".join([written.out, written.err, self._logged.text, *self.asked, *map(str, others)])


@pytest.fixture
def outside(
    deployed: LocalCloud,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Outside]:
    """Watch from here on, with little patience and a function that starts anew."""
    monkeypatch.setattr("notifier.channels.http.client.TIMEOUT", Timeout(connect=1, read=0.6))
    events = hooks(monkeypatch)
    deployed.delivery_function = deployed.cold_start("DeliveryFunction")
    watching = Outside(capsys, caplog)
    events.register("before-call", watching.tell)
    caplog.set_level(logging.DEBUG)
    # It does not pass on what it logs.
    powertools = logging.getLogger("aws_lambda_powertools")
    caplog.set_level(logging.DEBUG, powertools.name)
    powertools.addHandler(caplog.handler)
    yield watching
    powertools.removeHandler(caplog.handler)


def deliver(cloud: LocalCloud) -> None:
    """Let the function have the delivery of a new event, once."""
    composed = notification({**event("service-update-failed"), "id": str(uuid4())})
    body = Delivery(notification=composed, destination="slack").to_json()

    def once(batch: dict[str, Any]) -> BatchResponse:
        cloud.delivery_function.invoke(batch)
        return {"batchItemFailures": []}

    boto3.client("sqs").send_message(QueueUrl=cloud.physical_id("Deliveries"), MessageBody=body)
    EventSource(cloud.queue("Deliveries"), once, cloud.batching).hand_over_all()


def outcomes(function: LocalFunction) -> set[tuple[str, str | None]]:
    """Read from the log what became of the deliveries, and why."""
    lines = map(json.loads, function.log.getvalue().splitlines())
    return {(line["message"], line.get("reason")) for line in lines if "attempts" in line}


@pytest.mark.uncounted
@pytest.mark.parametrize("case", ANSWERS)
def test_whatever_slack_answers_the_webhook_stays_inside(
    case: str, outside: Outside, deployed: LocalCloud, slack: FakeSlack
) -> None:
    """For success and for each reason of a failure, of which an answer may repeat the address."""
    answer, message, reason = ANSWERS[case]
    slack.responses.append(answer)
    slack.messages.clear()

    deliver(deployed)

    left = outside.everything(deployed.delivery_function.log.getvalue(), slack.messages)
    assert outcomes(deployed.delivery_function) == {(message, reason)}
    assert WEBHOOK not in left


@pytest.mark.uncounted
@pytest.mark.parametrize("secret", NO_WEBHOOKS)
def test_what_is_no_webhook_stays_inside(secret: str, outside: Outside, deployed: LocalCloud) -> None:
    """Whatever somebody pasted may be a secret of another kind."""
    unhooked().client("secretsmanager").put_secret_value(SecretId=SECRET_NAME, SecretString=secret)

    deliver(deployed)

    ((message, _),) = outcomes(deployed.delivery_function)
    assert message in {"given up", "not sent"}
    assert PLANTED not in outside.everything(deployed.delivery_function.log.getvalue())


def test_a_bug_of_ours_does_not_bring_it_out(
    outside: Outside, deployed: LocalCloud, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what nobody caught, Lambda writes down type, text and stack."""

    def broken(*_arguments: object, **_options: object) -> None:
        message = "a bug"
        raise RuntimeError(message)

    monkeypatch.setattr("urllib3.connectionpool.HTTPConnectionPool.urlopen", broken)
    unhooked().client("secretsmanager").put_secret_value(SecretId=SECRET_NAME, SecretString=slack.url)

    with pytest.raises(ExceptionGroup, match="not every destination could be served") as uncaught:
        deliver(deployed)

    traced = "".join(traceback.format_exception(uncaught.value))
    assert WEBHOOK not in outside.everything(deployed.delivery_function.log.getvalue(), traced)


@pytest.mark.uncounted
@pytest.mark.parametrize("case", [case for case, (_, message, _) in ANSWERS.items() if message != "sent"])
@pytest.mark.parametrize("channel", [SlackChannel, SlackBotChannel])
def test_no_error_brings_it_out(channel: type[Channel], case: str, outside: Outside, slack: FakeSlack) -> None:
    """Neither a webhook nor a bot's token is in an error or in what it came from, in whatever way these are written."""
    settings = {"webhook": "webhook", "token": "token", "channel": "C0ALERTS", "url": slack.api_url}
    slack.responses.append(ANSWERS[case][0])

    with pytest.raises(DeliveryError) as failed:
        channel(channel_clients(), Destination("alerts", "slack", (*settings.items(),))).send(
            (notification(event("service-created")),)
        )

    traced = "".join(traceback.format_exception(failed.value))
    left = outside.everything(traced, repr(failed.value), failed.value.args)
    assert WEBHOOK not in left
    assert TOKEN not in left


def test_what_holds_it_does_not_show_it() -> None:
    """Whoever logs one of ours logs no secret."""
    holders = (Secret("alerts", PLANTED), Endpoint(PLANTED, "the secret alerts"), Response(200, PLANTED, None))

    assert PLANTED not in f"{holders} {holders!r} {[*map(str, holders)]}"
