import json
import os
from pathlib import Path
from typing import Final

import boto3
import pytest
from moto import mock_aws

from proton_notifier.common.deployed_stack import DeployedStack, StackError
from proton_notifier.main import main
from tests.deployed import STACK, deploy

REGION: Final = "eu-west-1"
TEMPLATE: Final = {"Resources": {"FailedEvents": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "failed"}}}}


def test_resources_are_found_by_logical_id_and_missing_ones_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another kind of stack is recognised before anything is read from it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        client = boto3.client("cloudformation")
        client.create_stack(StackName="other", TemplateBody=json.dumps(TEMPLATE))

        found = DeployedStack("other", REGION).physical_ids("FailedEvents")
        with pytest.raises(StackError) as raised:
            DeployedStack("other", REGION).physical_ids("RuleDeadLetters", "FailedEvents", "Deliveries")

    assert list(found) == ["FailedEvents"]
    assert found["FailedEvents"].endswith("/failed")
    assert str(raised.value) == (
        "other is not a stack of this notifier, or one of an earlier version: it has no RuleDeadLetters, Deliveries"
    )


def test_the_parameters_of_a_stack_are_those_it_was_deployed_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack may have none."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        client = boto3.client("cloudformation")
        client.create_stack(StackName="other", TemplateBody=json.dumps(TEMPLATE))
        deploy(AlertEmail="", SlackSecretName="slack")

        assert DeployedStack("other", REGION).parameters == {}
        assert DeployedStack(STACK, REGION).parameters == {"AlertEmail": "", "SlackSecretName": "slack"}


def test_the_outputs_of_a_stack_are_those_of_its_template(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack may have none."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    template = {**TEMPLATE, "Outputs": {"Language": {"Value": "Python"}}}
    with mock_aws():
        client = boto3.client("cloudformation")
        client.create_stack(StackName="silent", TemplateBody=json.dumps(TEMPLATE))
        client.create_stack(StackName="other", TemplateBody=json.dumps(template))

        assert DeployedStack("silent", REGION).outputs == {}
        assert DeployedStack("other", REGION).outputs == {"Language": "Python"}


CONFIG: Final = """
[default]
region = eu-north-1
[profile nowhere]
output = json
[profile unknown]
region = eu west
"""


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Export only the places of the AWS profiles."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    (tmp_path / "config").write_text(CONFIG, encoding="ascii")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    return monkeypatch


@pytest.mark.parametrize(
    ("option", "variables", "region"),
    [
        ("eu-west-1", {"AWS_REGION": "eu-west-2", "AWS_DEFAULT_REGION": "eu-west-3"}, "eu-west-1"),
        (None, {"AWS_REGION": "eu-west-2", "AWS_DEFAULT_REGION": "eu-west-3"}, "eu-west-2"),
        (None, {"AWS_DEFAULT_REGION": "eu-west-3"}, "eu-west-3"),
        (None, {"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-3"}, "eu-west-3"),
        (None, {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, "eu-north-1"),
        (None, {}, "eu-north-1"),
        ("eu-west-1", {"AWS_PROFILE": "nowhere"}, "eu-west-1"),
    ],
    ids=str,
)
def test_the_region_is_the_one_that_the_aws_cli_would_take(
    option: str | None, variables: dict[str, str], region: str, shell: pytest.MonkeyPatch
) -> None:
    """Another region may have a stack of the same name; an empty variable counts as unset."""
    for name, value in variables.items():
        shell.setenv(name, value)

    client = DeployedStack("shop", option).client("sqs")

    assert client.meta.region_name == region


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"AWS_PROFILE": "nowhere"}, "there is no region: give --region, set AWS_REGION, or set one in your profile"),
        ({"AWS_PROFILE": "missing"}, "The config profile (missing) could not be found"),
        ({"AWS_PROFILE": "unknown"}, "Provided region_name 'eu west' doesn't match a supported format."),
        ({"AWS_REGION": "eu west"}, "Provided region_name 'eu west' doesn't match a supported format."),
        ({"AWS_CONFIG_FILE": __file__}, f"Unable to parse config file: {__file__}"),
        ({"AWS_ENDPOINT_URL": "nowhere"}, "Invalid endpoint: nowhere"),
        ({"AWS_ACCESS_KEY_ID": "local"}, "Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY"),
        ({}, "Unable to locate credentials"),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "command",
    [
        ["incidents", "list"],
        ["redrive", "--yes"],
        ["redrive", "--dry-run"],
        ["routes", "show"],
        ["routes", "push", os.devnull],
        ["send-test"],
        ["silence", "list"],
    ],
    ids=" ".join,
)
def test_unusable_settings_are_one_line(
    command: list[str],
    variables: dict[str, str],
    said: str,
    shell: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each command says what to change."""
    for name, value in variables.items():
        shell.setenv(name, value)

    status = main([*command, "--stack", "shop"])

    assert (status, *capsys.readouterr()) == (1, "", f"shop: {said}\n")
