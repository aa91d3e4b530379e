import json
import socket
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from moto.sns.models import sns_backends

from notifier.channels.destination import DeliveryError, Destination, Reason
from notifier.channels.notification_json import json_document
from notifier.channels.sns.amazon_q import custom_notification
from notifier.channels.sns.email import render, subject
from notifier.channels.sns.topic import SnsChannel, attributes, message
from notifier.model.notification import Attribute
from tests.clients import channel_clients
from tests.samples import (
    NAMES,
    STUCK,
    STUCK_ARN,
    STUCK_COMMAND,
    STUCK_LINK,
    STUCK_STEP,
    environment_event,
    event,
    notification,
)

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

Topic = tuple["SNSClient", str, "SQSClient", str]
THREE = ("service-update-failed", "service-recovered", "service-created")
ANY_TEXT = st.text(max_size=250)


def place(topic: str, **settings: str) -> Destination:
    """Make the destination of a topic."""
    return Destination("email", "sns", (("topic", topic), *settings.items()))


def test_attributes_that_cannot_be_written_are_found_before_the_message_is_sent() -> None:
    """Whoever looks for what in a batch cannot be written asks for the message, which shows no attributes."""
    odd = replace(notification(event("service-created")), attributes=(Attribute("severity", 1),))  # type: ignore[arg-type]

    with pytest.raises(AttributeError):
        SnsChannel.message((odd,), place("arn:aws:sns:eu-west-1:1:alerts"))


def test_the_email_reads_like_this() -> None:
    """Subject and body of a failure, to the letter."""
    assert render(notification(event("service-instance-deployment-failed"))) == {
        "Subject": "FAILED: production: checkout/prod could not be deployed (eu-west-1)",
        "Message": """\
production: checkout/prod could not be deployed (eu-west-1).

What to do:
1. Find the first failed event of its CloudFormation stack (AWSProton-...) or of its pipeline run; \
its deployment status message says the same.
2. Fix what it names, then deploy again.

Open in the Proton console: \
https://eu-west-1.console.aws.amazon.com/proton/home?region=eu-west-1#/services/detail/checkout

Status: IN_PROGRESS -> FAILED
Account: production (123456789012)
Region: eu-west-1
Time: 2026-03-03 02:58:40 UTC

Resource: arn:aws:proton:eu-west-1:123456789012:service/checkout/service-instance/prod
Event: de3e5717-aa2a-5b41-b8f7-7b9c640cd2be
""",
    }


def test_the_email_of_a_failure_with_its_reason_reads_like_this() -> None:
    """The body's first line has it, and the command has a line of its own."""
    assert render(notification(STUCK)) == {
        "Subject": "FAILED: production: stack checkout could not be updated, and the rollback failed (eu-west-1)",
        "Message": f"""\
production: stack checkout could not be updated, and the rollback failed: \
Database (AWS::RDS::DBInstance) - Cannot upgrade from 15.4 to 14.2 (eu-west-1).

What to do:
1. {STUCK_STEP}
2. Run:
{STUCK_COMMAND}

Open the stack: {STUCK_LINK}

Status: UPDATE_ROLLBACK_FAILED
Account: production (123456789012)
Region: eu-west-1
Time: 2026-03-03 12:00:00 UTC

Resource: {STUCK_ARN}
Event: 0f1c2d3e-4b5a-4697-8877-665544332211
""",
    }


@pytest.mark.parametrize(
    ("reason", "end"),
    [
        ("Full", "failed: Full (eu-west-1)"),
        ("Ungültig", "failed: Ungultig"),
        ("ü" * 17, f"failed: {'u' * 17}"),
        ("ü" * 18, "failed (eu-west-1)"),
    ],
)
def test_a_subject_has_the_reason_if_it_fits_whole(reason: str, end: str) -> None:
    """The region makes room for it; the body begins with it in any case."""
    email = render(replace(notification(STUCK), reason=reason))

    title = "production: stack checkout could not be updated, and the rollback"
    assert email["Subject"] == f"FAILED: {title} {end}"
    assert email["Message"].startswith(f"{title} failed: {reason} (eu-west-1).\n\nWhat to do:")


def test_a_line_of_a_digest_ends_with_the_reason() -> None:
    """It is whole: an email has room."""
    told = notification(STUCK)

    digest = message((told, replace(told, reason="x" * 300)))["Message"]

    title = "FAILED: production: stack checkout could not be updated, and the rollback failed (eu-west-1)"
    assert f"\n{title}: Database (AWS::RDS::DBInstance) - Cannot upgrade from 15.4 to 14.2\n" in digest
    assert f"\n{title}: {'x' * 300}\n" in digest


def test_a_routes_own_texts_replace_ours() -> None:
    """The subject still begins with the severity; links and references stay."""
    composed = replace(
        notification(event("service-created")), custom_title="The shop is öpen", custom_body="Hello.\nAll is well."
    )

    email = render(composed)

    assert email["Subject"] == "OK: The shop is open"
    assert email["Message"].startswith("The shop is öpen.\n\nHello.\nAll is well.\n\nOpen in the Proton console:")


def test_the_email_of_an_empty_event_reads_like_this() -> None:
    """Unknown values leave no empty line, no empty label and no bracket."""
    raw = {"source": "aws.proton", "detail-type": "AWS Proton Service Status Change", "detail": None, "id": "e-1"}

    assert render(notification(raw)) == {
        "Subject": "INFO: service (unnamed) changed, but its event names no status",
        "Message": """\
service (unnamed) changed, but its event names no status.

What to do:
1. Look the resource up in its account and region to see how it is.

Not in the event: status, name, account, region, time

Event: e-1
""",
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "environment-account-connection-waits-to-be-accepted",
            "ACTION: 210987654321: environment account connection 186a3180-ef...cb112434a76 waits to be accepted",
        ),
        ("environment-deployed", "OK: production: environment payments-prod was deployed (eu-west-1)"),
        (
            "environment-recovered",
            "RECOVERED: production: environment payments-prod was deployed after a failure (eu-west-1)",
        ),
        (
            "environment-template-version-registering",
            "IN PROGRESS: production: environment template version fargate-vpc 2.1 is being registered",
        ),
        (
            "service-instance-with-the-longest-names",
            "FAILED: production: a-service-whose-name-...yyyyyyyyyyyyyyyyyyend could not be deployed (eu-west-1)",
        ),
        ("service-template-deleted", "INFO: production: service template legacy-worker was deleted (eu-west-1)"),
    ],
)
def test_a_subject_puts_the_most_important_words_first(name: str, expected: str) -> None:
    """Severity, where, what, what happened; the region gives way before the name is cut short."""
    assert subject(notification(event(name))) == expected


def test_a_subject_without_room_for_the_name_is_cut() -> None:
    """The account and the region are left out first, and a part of the name stays."""
    composed = replace(notification(event("service-instance-deployment-failed")), headline="failed " * 14)

    assert subject(composed) == f"FAILED: check...prod {'failed ' * 10}faile..."


def test_a_subject_spells_in_ascii() -> None:
    """Accents go, what has no ASCII spelling becomes a question mark."""
    composed = notification(environment_event(name="Größe-é-🔥", status="FAILED"), {"123456789012": "Zürich"})

    assert subject(composed) == "FAILED: Zurich: environment Gro?e-e-? could not be deployed (eu-west-1)"


def test_the_headline_survives_the_longest_legal_names() -> None:
    """The subject says what happened, with two names of 100 characters and every documented status."""
    for sample in NAMES:
        raw = event(sample)
        named = {**(raw["detail"] or {}), "name": "n" * 100, "serviceName": "s" * 100}
        composed = notification({**raw, "detail": named})
        assert composed.headline in subject(composed)


@given(name=ANY_TEXT, status=ANY_TEXT, previous=ANY_TEXT, account=ANY_TEXT, region=ANY_TEXT, friendly=ANY_TEXT)
def test_an_email_is_legal_whatever_comes(
    name: str, status: str, previous: str, account: str, region: str, friendly: str
) -> None:
    """The subject keeps to SNS's rules, and foreign text makes no line of the body."""
    raw = {
        **environment_event(name=name, status=status, previousStatus=previous),
        "account": account,
        "region": region,
    }

    mail = render(notification(raw, {account.strip(): friendly}))

    assert 1 <= len(mail["Subject"]) <= 99
    assert mail["Subject"].isascii()
    assert mail["Subject"].isprintable()
    assert mail["Subject"][0].isalnum()
    assert not [letter for letter in mail["Message"] if letter != "\n" and unicodedata.category(letter) == "Cc"]
    assert mail["Message"].count("\n") <= 16
    assert len(mail["Message"].encode()) < 262_144


def test_a_digest_reads_like_this() -> None:
    """The subject says what failed where; then what to do, and a paragraph each, the most urgent first."""
    names = ("service-recovered", "service-instance-deployment-failed", "service-without-detail")

    assert message(tuple(notification(event(name)) for name in names)) == {
        "Subject": "1 failed in production: checkout; 1 recovered; 1 changed",
        "Message": """\
1 failed in production: checkout; 1 recovered; 1 changed.

1 failed, 1 recovered, 1 changed (3 events).

What to do: Find the first failed event of its CloudFormation stack (AWSProton-...) or of its pipeline run; \
its deployment status message says the same. Fix what it names, then deploy again.

FAILED: production: checkout/prod could not be deployed (eu-west-1)
IN_PROGRESS -> FAILED, 2026-03-03 02:58:40 UTC
https://eu-west-1.console.aws.amazon.com/proton/home?region=eu-west-1#/services/detail/checkout

RECOVERED: production: service checkout is active after a failure (eu-west-1)
UPDATE_FAILED -> ACTIVE, 2026-03-03 15:01:27 UTC
https://eu-west-1.console.aws.amazon.com/proton/home?region=eu-west-1#/services/detail/checkout

INFO: production: service (unnamed) changed, but its event names no status (eu-west-1)
2026-03-03 02:58:43 UTC
""",
    }


@pytest.mark.uncounted
def test_a_storm_is_a_mail_that_sns_takes() -> None:
    """Thirty are told, the others counted; a filter policy sees every value that occurs, up to a hundred."""
    storm = tuple(
        replace(notification(environment_event(name=f"e-{number}", status="FAILED")), occurred_at=None)
        for number in range(1_000)
    )

    mail = message(storm)
    values = {name: json.loads(value["StringValue"]) for name, value in attributes(storm).items()}

    assert mail["Subject"] == "1000 failed in production: e-0, e-1, e-2, and 997 others"
    assert mail["Message"].endswith("\n970 more FAILED: environment could not be deployed\n")
    assert mail["Message"].count("FAILED: production: environment e-") == 30
    assert values["severity"] == ["failure"]
    assert len(values["name"]) == 100
    assert len(mail["Message"].encode()) + len(json.dumps(attributes(storm))) < 262_144


@pytest.fixture
def topic() -> Iterator[Topic]:
    """Make a topic with a queue that subscribes to it."""
    with mock_aws():
        sns = boto3.client("sns", region_name="eu-west-1")
        sqs = boto3.client("sqs", region_name="eu-west-1")
        topic_arn = sns.create_topic(Name="alerts")["TopicArn"]
        queue_url = sqs.create_queue(QueueName="mailbox")["QueueUrl"]
        sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint="arn:aws:sqs:eu-west-1:123456789012:mailbox")
        yield sns, topic_arn, sqs, queue_url


def test_subscribers_can_filter_by_attributes(topic: Topic) -> None:
    """Each published message carries what a filter policy can ask for, in plain strings."""
    sns, topic_arn, sqs, queue_url = topic

    SnsChannel(channel_clients(sns=sns), place(topic_arn)).send((notification(event("environment-deployment-failed")),))

    envelope = json.loads(sqs.receive_message(QueueUrl=queue_url)["Messages"][0]["Body"])
    assert envelope["Subject"] == "FAILED: production: environment payments-prod could not be deployed (eu-west-1)"
    assert {name: attribute["Value"] for name, attribute in envelope["MessageAttributes"].items()} == {
        "severity": "failure",
        "source": "aws.proton",
        "resource_type": "Environment",
        "name": "payments-prod",
        "status": "FAILED",
        "account": "123456789012",
        "region": "eu-west-1",
        "environment": "payments-prod",
    }


@pytest.mark.parametrize("names", [THREE[:1], THREE], ids=["single", "digest"])
@pytest.mark.parametrize("form", ["amazon-q", "json"])
def test_a_format_changes_the_message_alone(form: str, names: tuple[str, ...], topic: Topic) -> None:
    """Subject and attributes are the email's, the message is JSON."""
    sns, topic_arn, sqs, queue_url = topic
    composed = tuple(notification(event(name)) for name in names)
    written = {"amazon-q": custom_notification(composed), "json": json_document(composed, 200_000)}

    for settings in ({}, {"format": form}):
        SnsChannel(channel_clients(sns=sns), place(topic_arn, **settings)).send(composed)

    received = [sqs.receive_message(QueueUrl=queue_url)["Messages"] for _ in range(2)]
    email, envelope = (json.loads(one["Body"]) for (one,) in received)
    assert email["Message"] == message(composed)["Message"]
    assert json.loads(envelope["Message"]) == written[form]
    assert envelope["Subject"] == email["Subject"]
    assert envelope["MessageAttributes"] == email["MessageAttributes"]


@pytest.mark.uncounted
@pytest.mark.parametrize("form", ["amazon-q", "json", "text"])
@pytest.mark.parametrize("name", ["n", "🔥"], ids=["ascii", "not ascii"])
def test_a_storm_of_the_longest_texts_fits_in_any_format(form: str, name: str) -> None:
    """SNS counts 256 KiB of message and attributes together."""
    storm = tuple(
        notification(environment_event(name=f"{number} {name * 290}", status=name * 300, previousStatus=name * 300))
        for number in range(500)
    )

    written = message(storm, form)

    assert len(written["Message"].encode()) + len(json.dumps(attributes(storm))) <= 262_144
    assert len(written["Message"]) > 5_000


@pytest.mark.parametrize("name", ["\u0301", "\u00a8", "🔥", "\ud83d\udd25", "<!channel>"])
def test_an_attribute_is_never_empty_nor_outside_ascii(name: str, topic: Topic) -> None:
    """SNS takes no empty value and no emoji in an attribute."""
    sns, topic_arn, sqs, queue_url = topic

    SnsChannel(channel_clients(sns=sns), place(topic_arn)).send(
        (notification(environment_event(name=name, status="FAILED")),)
    )

    envelope = json.loads(sqs.receive_message(QueueUrl=queue_url)["Messages"][0]["Body"])
    value = envelope["MessageAttributes"]["name"]["Value"]
    assert value.strip()
    assert value.isascii()


def test_a_refusal_arrives_as_an_error_that_says_why(topic: Topic) -> None:
    """A topic that is gone is named, with SNS's reason."""
    sns, topic_arn, _, _ = topic
    sns.delete_topic(TopicArn=topic_arn)

    with pytest.raises(DeliveryError, match=r"SNS did not take the message for arn:aws:sns:.*NotFound"):
        SnsChannel(channel_clients(sns=sns), place(topic_arn)).send((notification(event("service-created")),))


def test_no_connection_arrives_as_an_error_too() -> None:
    """An error of botocore without a response from AWS is a failed delivery, too."""
    unreachable = boto3.client(
        "sns",
        endpoint_url="http://127.0.0.1:9",
        region_name="eu-west-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",  # noqa: S106 - nobody checks it
        config=Config(retries={"total_max_attempts": 1}),
    )

    with pytest.raises(DeliveryError, match="SNS did not answer: Could not connect"):
        SnsChannel(channel_clients(sns=unreachable), place("arn:aws:sns:eu-west-1:1:alerts")).send(
            (notification(event("service-created")),)
        )


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        ("Throttling", 400, Reason.RATE_LIMITED),
        ("KMSThrottling", 400, Reason.RATE_LIMITED),
        ("ThrottledException", 429, Reason.RATE_LIMITED),
        ("TooManyRequestsException", 429, Reason.RATE_LIMITED),
        ("SlowDown", 429, Reason.RATE_LIMITED),
        ("InvalidParameter", 429, Reason.RATE_LIMITED),
        ("Anything", 429, Reason.RATE_LIMITED),
        ("RequestThrottled", 400, Reason.RATE_LIMITED),
        ("RequestLimitExceeded", 400, Reason.RATE_LIMITED),
        ("RequestTimeout", 400, Reason.TIMED_OUT),
        ("RequestTimeoutException", 400, Reason.TIMED_OUT),
        ("PriorRequestNotComplete", 400, Reason.RATE_LIMITED),
        ("Anything", 408, Reason.TIMED_OUT),
        ("ExpiredToken", 403, Reason.UNAVAILABLE),
        ("ExpiredTokenException", 400, Reason.UNAVAILABLE),
        ("SignatureDoesNotMatch", 403, Reason.UNAVAILABLE),
        ("RequestExpired", 400, Reason.UNAVAILABLE),
        ("RequestTimeTooSkewed", 403, Reason.UNAVAILABLE),
        ("InvalidClientTokenId", 403, Reason.UNAUTHORISED),
        ("UnrecognizedClientException", 400, Reason.UNAUTHORISED),
        ("MissingAuthenticationToken", 403, Reason.UNAUTHORISED),
        ("AccessDenied", 403, Reason.UNAUTHORISED),
        ("Anything", 403, Reason.UNAUTHORISED),
        ("OptInRequired", 403, Reason.MISCONFIGURED),
        ("Anything", 405, Reason.MISCONFIGURED),
        ("InternalError", 500, Reason.UNAVAILABLE),
        ("Anything", 503, Reason.UNAVAILABLE),
        ("InvalidParameter", 503, Reason.UNAVAILABLE),
        ("AuthorizationError", 403, Reason.UNAUTHORISED),
        ("KMSAccessDenied", 400, Reason.UNAUTHORISED),
        ("KMSDisabled", 400, Reason.MISCONFIGURED),
        ("NotFound", 404, Reason.GONE),
        ("InvalidParameter", 400, Reason.REJECTED),
        ("InvalidParameterValue", 400, Reason.REJECTED),
        ("ValidationError", 400, Reason.REJECTED),
        ("RequestAbortedException", 400, Reason.UNAVAILABLE),
        ("UnknownOperationException", 404, Reason.MISCONFIGURED),
        ("Anything", 400, Reason.MISCONFIGURED),
        ("Anything", 413, Reason.REJECTED),
        # Of a page, whose status says nothing of SNS.
        ("", 400, Reason.UNAVAILABLE),
        ("", 403, Reason.UNAVAILABLE),
        ("", 404, Reason.UNAVAILABLE),
        ("", 413, Reason.UNAVAILABLE),
        ("", 429, Reason.RATE_LIMITED),
    ],
)
def test_an_error_of_sns_has_its_reason(code: str, status: int, reason: Reason) -> None:
    """The table decides whether a person has to act."""
    client = boto3.client("sns", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")  # noqa: S106
    with Stubber(client) as stubber:
        stubber.add_client_error("publish", code, http_status_code=status)

        with pytest.raises(DeliveryError) as failed:
            SnsChannel(channel_clients(sns=client), place("arn:aws:sns:eu-west-1:1:alerts")).send(
                (notification(event("service-created")),)
            )

    assert failed.value.reason is reason
    assert failed.value.settling is (reason is Reason.UNAUTHORISED)


@pytest.mark.parametrize("region", ["us-east-1", "ap-southeast-4"])
def test_a_topic_in_another_region_is_published_to_there(region: str) -> None:
    """SNS knows a topic in its own region alone."""
    with mock_aws():
        topic_arn = boto3.client("sns", region_name=region).create_topic(Name="alerts")["TopicArn"]

        SnsChannel(channel_clients(), place(topic_arn)).send((notification(event("service-created")),))

        (published,) = sns_backends["123456789012"][region].topics[topic_arn].sent_notifications
    assert published[1] == message((notification(event("service-created")),))["Message"]


@pytest.mark.parametrize(
    "topic_arn",
    [
        "arn:aws-cn:sns:cn-north-1:123456789012:alerts",
        "arn:aws-us-gov:sns:us-gov-west-1:123456789012:alerts",
        "arn:aws:sns:cn-north-1:123456789012:alerts",
        "arn:aws-cn:sns:eu-west-1:123456789012:alerts",
    ],
)
def test_a_topic_in_another_partition_can_never_work(topic_arn: str) -> None:
    """No credentials reach from one into another, which SNS itself would only call an invalid token."""
    with mock_aws(), pytest.raises(DeliveryError, match=f"^the topic {topic_arn} is not in a region of aws,") as failed:
        SnsChannel(channel_clients(), place(topic_arn)).send((notification(event("service-created")),))

    assert failed.value.reason is Reason.MISCONFIGURED


def test_an_answer_that_does_not_come_is_a_time_out() -> None:
    """SNS may or may not have the message; the ledger's claim is released for a retry."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = boto3.client(
            "sns",
            endpoint_url=f"http://127.0.0.1:{silent.getsockname()[1]}",
            region_name="eu-west-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",  # noqa: S106 - nobody checks it
            config=Config(read_timeout=0.1, retries={"total_max_attempts": 1}),
        )

        with pytest.raises(DeliveryError, match="SNS did not answer in time") as failed:
            SnsChannel(channel_clients(sns=client), place("arn:aws:sns:eu-west-1:1:alerts")).send(
                (notification(event("service-created")),)
            )

    assert failed.value.reason is Reason.TIMED_OUT


def test_what_does_not_fit_into_one_message_for_programs_is_halved(topic: Topic) -> None:
    """A program wants each whole: the batch tries the halves of what is rejected."""
    sns, topic_arn, _, _ = topic
    programs = Destination("programs", "sns", (("topic", topic_arn), ("format", "json")))
    composed = notification(event("service-instance-deployment-failed"))
    many = tuple(replace(composed, event_id=f"e-{number}") for number in range(500))

    with pytest.raises(DeliveryError, match="500 notifications do not fit into one message of SNS") as failed:
        SnsChannel(channel_clients(sns=sns), programs).send(many)
    SnsChannel(channel_clients(sns=sns), programs).send(many[:100])

    assert failed.value.reason is Reason.REJECTED
