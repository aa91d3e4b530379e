import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from urllib3 import Timeout

from notifier.channels.destination import DeliveryError, Destination, Reason
from notifier.channels.teams.card import SIZE_LIMIT, inert, message, render, serialised
from notifier.channels.teams.webhook import TeamsChannel
from notifier.model.status_change import Fact
from proton_notifier.fakes.server import FakeResponse, schema_errors
from proton_notifier.fakes.teams import FakeTeams
from tests.clients import channel_clients
from tests.samples import NAMES, STUCK, STUCK_ARN, STUCK_COMMAND, STUCK_STEP, event, notification

Opening = Callable[[Destination], TeamsChannel]
PLACE = Destination("alerts", "teams", (("webhook", "webhook"),))
ANY_TEXT = st.text(max_size=320)
HOSTILE = st.text(alphabet='*_[](){}<>&\\`#-1.!|~🔥"\n', max_size=320) | st.just("{{DATE(2017-02-14T06:00:00Z)}}")


def run(text: str, **looks: object) -> dict[str, Any]:
    """Make a text run."""
    return {"type": "TextRun", "text": text, **looks}


def fact(label: str, value: str, spacing: str = "small") -> dict[str, Any]:
    """Make a line with a bold label."""
    return {"type": "RichTextBlock", "spacing": spacing, "inlines": [run(f"{label}: ", weight="bolder"), run(value)]}


def line(text: str, spacing: str = "small", **looks: object) -> dict[str, Any]:
    """Make a line."""
    return {"type": "RichTextBlock", "spacing": spacing, "inlines": [run(text, **looks)]}


def reference(text: str, spacing: str) -> dict[str, Any]:
    """Make a small line."""
    return line(text, spacing, size="small", isSubtle=True)


def lines(payload: dict[str, Any]) -> list[str]:
    """Read a card line by line."""
    body = payload["attachments"][0]["content"]["body"]
    return ["".join(each["text"] for each in block["inlines"]) for block in body]


def test_the_message_reads_like_this() -> None:
    """The whole payload of a failure, to the letter."""
    assert render(notification(event("service-instance-deployment-failed"))) == {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": [
                        {
                            "type": "RichTextBlock",
                            "spacing": "default",
                            "inlines": [
                                run(
                                    "production: checkout/prod could not be deployed (eu-west-1)",
                                    color="attention",
                                    size="large",
                                    weight="bolder",
                                )
                            ],
                        },
                        line("What to do", "default", weight="bolder"),
                        line(
                            "1. Find the first failed event of its CloudFormation stack (AWSProton-...) or of its "
                            "pipeline run; its deployment status message says the same.",
                        ),
                        line("2. Fix what it names, then deploy again."),
                        fact("Status", "IN_PROGRESS → FAILED", "default"),
                        fact("Account", "production (123456789012)"),
                        fact("Region", "eu-west-1"),
                        fact("Time", "2026-03-03 02:58:40 UTC"),
                        reference(
                            "Resource: arn:aws:proton:eu-west-1:123456789012:service/checkout/service-instance/prod",
                            "default",
                        ),
                        reference("Event: de3e5717-aa2a-5b41-b8f7-7b9c640cd2be", "small"),
                    ],
                    "actions": [
                        {
                            "title": "Open in the Proton console",
                            "type": "Action.OpenUrl",
                            "url": "https://eu-west-1.console.aws.amazon.com/proton/home?region=eu-west-1"
                            "#/services/detail/checkout",
                        }
                    ],
                },
            }
        ],
    }


def test_a_failure_with_its_reason_reads_like_this() -> None:
    """The title ends with the reason, and the command is in monospaced letters."""
    told = notification(STUCK)

    payload = render(told)

    assert told.reason == "Database (AWS::RDS::DBInstance) - Cannot upgrade from 15.4 to 14.2"
    assert lines(payload) == [
        f"production: stack checkout could not be updated, and the rollback failed: {told.reason} (eu-west-1)",
        "What to do",
        f"1. {STUCK_STEP}",
        f"2. Run {STUCK_COMMAND}",
        "Status: UPDATE_ROLLBACK_FAILED",
        "Account: production (123456789012)",
        "Region: eu-west-1",
        "Time: 2026-03-03 12:00:00 UTC",
        f"Resource: {STUCK_ARN}",
        "Event: 0f1c2d3e-4b5a-4697-8877-665544332211",
    ]
    assert payload["attachments"][0]["content"]["body"][3] == {
        "type": "RichTextBlock",
        "spacing": "small",
        "inlines": [run("2. Run "), run(STUCK_COMMAND, fontType="monospace")],
    }


def test_a_reason_that_the_title_cannot_hold_is_the_first_line_under_it() -> None:
    """It is whole there."""
    payload = render(replace(notification(STUCK), reason="x" * 300))

    assert lines(payload)[:2] == [
        "production: stack checkout could not be updated, and the rollback failed (eu-west-1)",
        f"Reason: {'x' * 300}",
    ]


def test_a_line_of_a_digest_ends_with_the_reason() -> None:
    """A long one is cut. What to do is not said if it is not the same."""
    told = notification(STUCK)

    digest = lines(message((told, replace(told, name="b", next_step="Wait.", reason="y" * 300))))

    assert digest[2].endswith(" UTC · Open · Database (AWS::RDS::DBInstance) - Cannot upgrade from 15.4 to 14.2")
    assert digest[3].endswith(f" UTC · Open · {'y' * 99}…")


def test_a_hostile_name_is_text() -> None:
    """Markup in a name stands in a text run, which knows none; what Teams would calculate is taken apart."""
    name = "**b** [x](https://evil.example) <at>all</at> {{{DATE(2017-02-14T06:00:00Z)}}"
    raw = {**event("component-deployment-failed"), "detail": {"name": name, "status": "FAILED"}}

    told = lines(render(notification(raw)))

    shown = "**b** [x](https://evil.example) <at>all</at> { { {DATE(2017-02-14T06:00:00Z)}}"
    assert told[0] == f"production: component {shown} could not be deployed (eu-west-1)"


def test_an_empty_event_leaves_no_empty_text() -> None:
    """Teams does not report a card that it cannot show."""
    raw = {"source": "aws.proton", "detail-type": "AWS Proton Service Status Change", "detail": None}

    payload = render(notification(raw))

    assert list(schema_errors("teams", payload)) == []
    assert lines(payload)[0] == "service (unnamed) changed, but its event names no status"


def test_values_are_cut_only_where_the_card_would_be_too_large() -> None:
    """Twenty values of three hundred characters, of four bytes each, are more than a card can hold."""
    composed = notification(event("service-created"))
    few, many = (tuple(Fact(f"Fact {n}", "😀" * 300) for n in range(count)) for count in (10, 20))

    small, large = render(replace(composed, facts=few)), render(replace(composed, facts=many))

    assert "Fact 9: " + "😀" * 300 in lines(small)
    assert "Fact 19: " + "😀" * 99 + "…" in lines(large)
    assert len(serialised(large)) <= SIZE_LIMIT


def test_a_route_may_say_it_in_its_own_words() -> None:
    """Its title and its lines stand in place of ours; what to look things up by stays."""
    composed = notification(event("service-instance-deployment-failed"))

    told = lines(
        render(replace(composed, custom_title="Checkout is *down*", custom_body="Call {{TIME(x)}}\n\nor wait"))
    )

    assert told[:3] == ["Checkout is *down*", "Call { {TIME(x)}}", "or wait"]
    assert [line.partition(":")[0] for line in told[3:]] == ["Resource", "Event"]


def test_a_text_of_many_lines_fits() -> None:
    """Each line is an element of its own, and takes its room."""
    payload = render(replace(notification(event("service-created")), custom_body="x\n" * 1_000))

    assert len(serialised(payload)) <= SIZE_LIMIT
    assert "…" in "".join(lines(payload))


@given(text=ANY_TEXT | HOSTILE)
def test_inert_text_calculates_nothing(text: str) -> None:
    """Nothing but braces moves apart, and none is lost."""
    safe = inert(text)

    assert "{{" not in safe
    assert re.sub(r"\{ (?=\{)", "{", safe) == re.sub(r"\{ (?=\{)", "{", text)


@given(
    name=ANY_TEXT | HOSTILE,
    status=ANY_TEXT | HOSTILE,
    account=ANY_TEXT | HOSTILE,
    kind=ANY_TEXT | HOSTILE,
    sample=st.sampled_from(NAMES),
)
def test_a_card_is_legal_and_inert_whatever_comes(name: str, status: str, account: str, kind: str, sample: str) -> None:
    """Teams shows it, it is small enough, and no text in it is anything but a text run."""
    raw = {
        **event(sample),
        "detail-type": f"AWS Proton {kind}",
        "account": account,
        "region": account,
        "resources": [name],
        "detail": {"name": name, "status": status, "previousStatus": status, **{f"f{n}{name}": name for n in range(6)}},
    }

    payload = render(notification(raw))

    assert list(schema_errors("teams", payload)) == []
    assert len(serialised(payload)) <= SIZE_LIMIT
    assert "{{" not in "".join(lines(payload))


@pytest.fixture
def teams() -> Iterator[FakeTeams]:
    """Run a fake Teams on loopback."""
    with FakeTeams() as running:
        yield running


@pytest.fixture
def channel() -> Iterator[Opening]:
    """Open a channel whose secrets are in moto and which may post to loopback."""
    with mock_aws():
        yield partial(TeamsChannel, channel_clients())


def keep_secret(webhook: str) -> None:
    """Put *webhook* into the secret that the tests name."""
    boto3.client("secretsmanager", region_name="eu-west-1").create_secret(Name="webhook", SecretString=webhook)


@pytest.mark.uncounted
def test_every_sample_arrives(teams: FakeTeams, channel: Opening) -> None:
    """Teams shows the payload that the channel would print, without the secret."""
    keep_secret(f" {teams.url}\n")
    composed = [notification(event(name)) for name in NAMES]

    for each in composed:
        channel(PLACE).send((each,))

    assert teams.rejections == []
    assert teams.messages == [TeamsChannel.message((each,), PLACE) for each in composed]
    assert "sig=fake" not in str(teams.messages)


@pytest.mark.parametrize("status", [200, 202])
def test_any_success_is_a_yes(status: int, teams: FakeTeams, channel: Opening) -> None:
    """A flow answers 202, or what its maker chose."""
    keep_secret(teams.url)
    teams.responses.append(FakeResponse(status, "whatever"))

    channel(PLACE).send((notification(event("service-created")),))

    assert len(teams.responses) == 0


@pytest.mark.parametrize(
    ("answer", "told", "reason", "retry_after"),
    [
        (FakeResponse(429, "", {"Retry-After": "30"}), "429 with an unknown body", Reason.RATE_LIMITED, 30),
        (FakeResponse(500, ""), "500 with an unknown body", Reason.UNAVAILABLE, None),
        (
            FakeResponse(400, '{"error":{"code":"TriggerInputSchemaMismatch"}}'),
            "400 TriggerInputSchemaMismatch",
            "",
            None,
        ),
        (
            FakeResponse(400, '{"error": {"code" : "WorkflowTriggerIsNotEnabled"}}'),
            "400 WorkflowTrig",
            "misconfigured",
            None,
        ),
        (
            FakeResponse(400, '{"error":{"code":"DirectApiAuthorizationRequired"}}'),
            "400 DirectApi",
            "unauthorised",
            None,
        ),
        (FakeResponse(400, '{"error":{"code":"WorkflowNotFound"}}'), "400 WorkflowNotFound", Reason.GONE, None),
        (FakeResponse(400, '{"error":{"code":"TooManyRequests"}}'), "400 TooManyRequests", Reason.RATE_LIMITED, None),
        (FakeResponse(405, '{"error":{"code":"SomethingNew"}}'), "405 SomethingNew", Reason.MISCONFIGURED, None),
        (FakeResponse(200, "<!DOCTYPE html><p>Sign in"), "200 with an unknown body", Reason.UNAVAILABLE, None),
        (
            FakeResponse(401, '{"error":{"code":"DirectApiAuthorizationRequired"}}'),
            "401 DirectApi",
            "unauthorised",
            None,
        ),
        (FakeResponse(404, '{"error":{"code":"WorkflowNotFound"}}'), "404 WorkflowNotFound", Reason.GONE, None),
        (FakeResponse(404, '{"code":"/s3cr3t"}'), "404 with an unknown body", Reason.GONE, None),
    ],
    ids=[
        "busy",
        "down",
        "rejected",
        "off",
        "tenant",
        "no flow",
        "quota",
        "new",
        "page",
        "signature",
        "deleted",
        "elsewhere",
    ],
)
def test_anything_else_is_an_error(
    answer: FakeResponse,
    told: str,
    reason: str,
    retry_after: float | None,
    teams: FakeTeams,
    channel: Opening,
) -> None:
    """The reason decides between later and never, and an answer cannot carry the secret into a log."""
    keep_secret(teams.url)
    teams.responses.append(answer)

    with pytest.raises(DeliveryError, match=f"^Teams answered {told}") as failed:
        channel(PLACE).send((notification(event("service-created")),))

    assert failed.value.reason == (reason or Reason.REJECTED)
    assert failed.value.retry_after_seconds == retry_after


def test_silence_is_a_time_out(channel: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    """The flow may or may not have been triggered; the message is retried, and the address stays a secret."""
    monkeypatch.setattr("notifier.channels.http.client.TIMEOUT", Timeout(connect=1, read=0.1))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        keep_secret(f"http://127.0.0.1:{silent.getsockname()[1]}/?sig=s3cr3t")

        with pytest.raises(DeliveryError, match="Teams did not answer: ReadTimeoutError") as failed:
            channel(PLACE).send((notification(event("service-created")),))

    assert failed.value.reason is Reason.TIMED_OUT
    assert "s3cr3t" not in f"{failed.value}"


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("default0123.45.environment.api.powerplatform.com", True),
        ("prod-12.westeurope.logic.azure.com:443", True),
        ("anybody.westeurope.cloudapp.azure.com", False),
        ("evilpowerplatform.com", False),
    ],
)
def test_microsofts_own_hosts_are_allowed(
    host: str,
    allowed: bool,  # noqa: FBT001 - a column of the table
    channel: Opening,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those of Azure where anybody can have a machine are not."""

    def refuse(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    keep_secret(f"https://{host}/workflows/x?sig=s3cr3t")

    with pytest.raises(DeliveryError, match="did not answer" if allowed else "does not hold an https URL") as failed:
        channel(PLACE).send((notification(event("service-created")),))

    assert "s3cr3t" not in f"{failed.value} {failed.value.__cause__}"


def test_a_digest_reads_like_this(teams: FakeTeams, channel: Opening) -> None:
    """The title, counts, what to do, then a line each, the most urgent first, and Teams shows it."""
    keep_secret(teams.url)
    names = ("service-recovered", "service-instance-deployment-failed", "service-without-detail")

    channel(PLACE).send(tuple(notification(event(name)) for name in names))

    (payload,) = teams.messages
    date, failed = "2026-03-03", "IN_PROGRESS → FAILED"
    assert lines(payload) == [
        "1 failed in production: checkout; 1 recovered; 1 changed",
        "1 failed, 1 recovered, 1 changed (3 events)",
        (
            "What to do: Find the first failed event of its CloudFormation stack (AWSProton-...) or of its "
            "pipeline run; its deployment status message says the same. Fix what it names, then deploy again."
        ),
        f"failure: production: checkout/prod could not be deployed (eu-west-1) · {failed} · {date} 02:58:40 UTC · Open",
        (
            "recovered: production: service checkout is active after a failure (eu-west-1) · "
            f"UPDATE_FAILED → ACTIVE · {date} 15:01:27 UTC · Open"
        ),
        f"info: production: service (unnamed) changed, but its event names no status (eu-west-1) · {date} 02:58:43 UTC",
    ]
    assert payload["attachments"][0]["content"]["body"][3]["inlines"][-1] == run(
        "Open",
        selectAction={
            "type": "Action.OpenUrl",
            "url": "https://eu-west-1.console.aws.amazon.com/proton/home?region=eu-west-1#/services/detail/checkout",
        },
    )


@given(text=ANY_TEXT | HOSTILE | st.just("😀" * 300), count=st.integers(min_value=3, max_value=80))
def test_a_digest_is_small_legal_and_complete_whatever_comes(text: str, count: int) -> None:
    """However many, however long: it fits, and who is not told of is counted."""
    raw = {**event("service-created"), "region": text, "account": text}
    kinds = [f"AWS Proton {number} {text}" for number in range(count)]
    detail = {"name": text, "status": text, "previousStatus": text}
    composed = tuple(notification({**raw, "detail-type": kind, "detail": detail}) for kind in kinds)

    payload = message(composed)

    told = [line for line in lines(payload)[2:] if not line.startswith("What to do")]
    counted = [int(found[1]) for line in told if (found := re.match(r"[a-z]+: (\d+) more: ", line))]
    assert list(schema_errors("teams", payload)) == []
    assert len(serialised(payload)) <= SIZE_LIMIT
    assert len(told) - len(counted) + sum(counted) == count
    assert "{{" not in "".join(lines(payload))
