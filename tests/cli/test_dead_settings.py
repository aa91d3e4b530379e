from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from proton_notifier.main import main
from tests.aws_calls import AwsCalls
from tests.deployed import STACK, deploy, keep_secret, live, write

TOPIC = "arn:aws:sns:eu-west-1:123456789012:more"
ABROAD = "arn:aws:sns:us-east-1:210987654321:abroad"
PAGES = "https://events.pagerduty.com/v2/enqueue"
EMPTY = "# nothing yet\n"


@pytest.fixture(autouse=True)
def _stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Deploy a stack."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        hosts = "pager.example.com,.example.org"
        deploy(SlackSecretName="", MoreTopicArns=f"{TOPIC}, {ABROAD}", WebhookHosts=hosts)
        keep_secret("shop/a")
        write(EMPTY)
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Choose where the document is."""
    return tmp_path / "routes.toml"


def declared(**settings: str) -> str:
    """Write a document with one destination; its last setting stands in line 3."""
    lines = "\n".join(f'{key} = "{value}"' for key, value in settings.items())
    return f'[destinations.a]\n{lines}\n[[routes]]\nto = ["a"]\n'


PROXIED = "is neither {}'s nor in the parameter WebhookHosts, so that nothing is posted to it"


def sns(topic: str) -> str:
    """Write a document with a topic."""
    return declared(type="sns", topic=topic)


def pager(url: str) -> str:
    """Write a document with a pager."""
    return f'[destinations.a]\ntype = "pagerduty"\nurl = "{url}"\nrouting_key = "shop/a"\n[[routes]]\nto = ["a"]\n'


def bot(url: str) -> str:
    """Write a document with a bot."""
    rest = 'token = "shop/a"\nchannel = "C0123456789"'
    return f'[destinations.a]\ntype = "slack-bot"\nurl = "{url}"\n{rest}\n[[routes]]\nto = ["a"]\n'


NOWHERE = [
    (
        sns("arn:aws:sns:eu-west1:123456789012:more"),
        "topic: eu-west1 is not a region of the partition aws",
    ),
    (
        sns("arn:aws-cn:sns:eu-west-1:123456789012:more"),
        "topic: eu-west-1 is not a region of the partition aws-cn",
    ),
    (sns("arn:awsome:sns:eu-west-1:123456789012:more"), "topic: awsome is not a partition of AWS"),
    (
        sns(f"{TOPIC}.fifo"),
        "topic: must not be a FIFO topic: FIFO topics cannot deliver to email, SMS or HTTP(S)",
    ),
    (
        pager("https://api.pagerduty.com/incidents"),
        f"url: api.pagerduty.com is not where PagerDuty takes messages: that is {PAGES}",
    ),
    (
        pager("https://shop.pagerduty.com/"),
        f"url: shop.pagerduty.com is not where PagerDuty takes messages: that is {PAGES}",
    ),
    (
        pager("https://events.pagerduty.com/generic/2010-04-15/create_event.json"),
        f"url: PagerDuty takes messages at /v2/enqueue only, as in {PAGES}",
    ),
    (
        pager("https://events.pagerduty.com:8443/v2/enqueue"),
        f"url: PagerDuty takes messages at /v2/enqueue only, as in {PAGES}",
    ),
    (pager("https://me@events.pagerduty.com/v2/enqueue"), "url: must be an https URL without a user"),
    (pager("https://[/v2/enqueue"), "url: must be an https URL without a user"),
    (
        bot("https://hooks.slack.com/services/T0/B0/x"),
        "url: hooks.slack.com is not where Slack takes messages: that is https://slack.com/api/chat.postMessage",
    ),
    (bot("http://slack.com/api/chat.postMessage"), "url: must be an https URL without a user"),
]
OUT_OF_REACH = [
    (
        sns("arn:aws:sns:eu-west-1:123456789012:other"),
        "topic: is not a topic that the stack may publish to: add it to the parameter MoreTopicArns, and deploy",
    ),
    (
        pager("https://proxy.example.com/v2/enqueue"),
        f"url: proxy.example.com {PROXIED.format('PagerDuty')}",
    ),
    (
        bot("https://example.org/api/chat.postMessage"),
        f"url: example.org {PROXIED.format('Slack')}",
    ),
    *(
        (
            declared(type="slack", webhook=secret),
            (
                f"webhook: there is no secret {secret} with a value in the stack's account and region, "
                "or it is about to be deleted"
            ),
        )
        for secret in ("shop/none", "/shop/none")
    ),
]


@pytest.mark.parametrize(("text", "problem"), NOWHERE)
def test_what_leads_nowhere_is_found_without_a_stack(
    text: str, problem: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No deployment can make it work."""
    file.write_text(text, encoding="utf-8")

    assert main(["routes", "check", str(file)]) == 1
    assert capsys.readouterr().err == f"{file}:3: destinations.a.{problem}\nnot valid: 1 problem\n"


def test_what_leads_nowhere_is_told_with_all_else(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever corrects a document need not check it again for each kind of problem."""
    text, problem = NOWHERE[0]
    file.write_text(text.replace('to = ["a"]', 'to = ["a"]\nfinal = 1'), encoding="utf-8")

    assert main(["routes", "check", str(file)]) == 1
    problems = f"{file}:3: destinations.a.{problem}\n{file}:6: routes[1].final: must be true or false\n"
    assert capsys.readouterr().err == f"{problems}not valid: 2 problems\n"


@pytest.mark.parametrize("command", [["check"], ["push", "--yes"]])
@pytest.mark.parametrize(("text", "problem"), [*NOWHERE, *OUT_OF_REACH])
def test_what_a_stack_cannot_reach_is_found(
    command: list[str], text: str, problem: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before it is live."""
    file.write_text(text, encoding="utf-8")

    assert main(["routes", *command, "--stack", STACK, str(file)]) == 1
    assert capsys.readouterr().err == f"{file}:3: destinations.a.{problem}\nnot valid: 1 problem\n"
    assert live() == EMPTY


@pytest.mark.parametrize("text", [text for text, _ in OUT_OF_REACH])
def test_what_only_a_stack_can_tell_is_not_guessed(text: str, file: Path) -> None:
    """Another stack may reach it."""
    file.write_text(text, encoding="utf-8")

    assert main(["routes", "check", str(file)]) == 0


@pytest.mark.parametrize(
    "text",
    [
        sns(TOPIC),
        sns(ABROAD),
        pager(PAGES),
        pager("https://events.eu.pagerduty.com/v2/enqueue"),
        pager("https://pager.example.com/any/path"),
        bot("https://slack-gov.com/api/chat.postMessage"),
        bot("https://slack.example.org/api/chat.postMessage"),
        declared(type="slack", webhook="shop/a"),
    ],
)
def test_what_a_stack_can_reach_is_pushed(text: str, file: Path) -> None:
    """Topics and hosts that it was deployed with, and secrets that are there."""
    file.write_text(text, encoding="utf-8")

    assert main(["routes", "push", "--yes", "--stack", STACK, str(file)]) == 0
    assert live() == text


def test_a_secret_that_waits_to_be_deleted_is_none(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The stack can read it no more."""
    boto3.client("secretsmanager").delete_secret(SecretId="shop/a")
    file.write_text(declared(type="slack", webhook="shop/a"), encoding="utf-8")

    assert main(["routes", "check", "--stack", STACK, str(file)]) == 1
    assert "there is no secret shop/a" in capsys.readouterr().err


def test_a_secret_without_a_value_is_none(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It was made, and never filled."""
    boto3.client("secretsmanager").create_secret(Name="shop/hollow")
    file.write_text(declared(type="slack", webhook="shop/hollow"), encoding="utf-8")

    assert main(["routes", "check", "--stack", STACK, str(file)]) == 1
    assert "there is no secret shop/hollow with a value" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("secret", "operation"), [("shop/a", "secretsmanager.DescribeSecret"), ("/shop/none", "ssm.GetParameter")]
)
def test_who_may_not_ask_for_a_secret_is_told_so(
    secret: str, operation: str, file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be there, and so nothing fails."""
    AwsCalls(monkeypatch).refuse(operation)
    file.write_text(declared(type="slack", webhook=secret), encoding="utf-8")

    assert main(["routes", "check", "--stack", STACK, str(file)]) == 0
    assert capsys.readouterr().err == f"cannot check if there is a secret {secret}: AccessDenied\n"
