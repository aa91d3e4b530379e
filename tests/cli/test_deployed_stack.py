import json

import boto3
import pytest
from moto import mock_aws

from cli.deployed_stack import WrongStackError, outputs, parameters, physical_ids
from tests.deployed import STACK, deploy

TEMPLATE = {"Resources": {"FailedEvents": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "failed"}}}}


def test_resources_are_found_by_logical_id_and_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack of something else is told from the notifier's before anything is read of it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    with mock_aws():
        client = boto3.client("cloudformation", region_name="eu-west-1")
        client.create_stack(StackName="other", TemplateBody=json.dumps(TEMPLATE))

        found = physical_ids(client, "other", ["FailedEvents"])
        with pytest.raises(WrongStackError) as raised:
            physical_ids(client, "other", ["RuleDeadLetters", "FailedEvents", "Deliveries"])

    assert list(found) == ["FailedEvents"]
    assert found["FailedEvents"].endswith("/failed")
    assert str(raised.value) == "other is not a stack of this notifier: it has no RuleDeadLetters, Deliveries"


def test_the_parameters_of_a_stack_are_those_it_was_deployed_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack may have none."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        client = boto3.client("cloudformation")
        client.create_stack(StackName="other", TemplateBody=json.dumps(TEMPLATE))
        deploy(AlertEmail="", SlackSecretName="slack")

        assert parameters(client, "other") == {}
        assert parameters(client, STACK) == {"AlertEmail": "", "SlackSecretName": "slack"}


def test_the_outputs_of_a_stack_are_what_it_says_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack may say nothing."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    template = {**TEMPLATE, "Outputs": {"Language": {"Value": "Python"}}}
    with mock_aws():
        client = boto3.client("cloudformation")
        client.create_stack(StackName="silent", TemplateBody=json.dumps(TEMPLATE))
        client.create_stack(StackName="other", TemplateBody=json.dumps(template))

        assert outputs(client, "silent") == {}
        assert outputs(client, "other") == {"Language": "Python"}
