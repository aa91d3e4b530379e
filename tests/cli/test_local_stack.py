import boto3
import pytest

from proton_notifier.localaws.cloud import LocalCloud
from proton_notifier.localaws.stack import STACK, UNSUPPORTED, resolve_conditions

NOT_DEFAULT = {
    "Heartbeat": "silent",
    "MoreTopicArns": "arn:aws:sns:eu-west-1:123456789012:other",
    "SlackSecretName": "",
}


@pytest.mark.parametrize("parameters", [{}, NOT_DEFAULT], ids=["by default", "otherwise"])
def test_what_a_condition_is_on_is_deployed_as_cloudformation_would(parameters: dict[str, str]) -> None:
    """Each resource whose condition holds is there, and no other; but for the types that are left out."""
    with LocalCloud("http://127.0.0.1/slack", **parameters) as cloud:
        described = boto3.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
        rules = boto3.client("events").list_rules()["Rules"]

    declared = resolve_conditions(
        cloud.template, {"SlackSecretName": "slack", "AlertEmail": "team@example.com", **parameters}
    )
    expected = {name for name, resource in declared["Resources"].items() if resource["Type"] not in UNSUPPORTED}
    schedules = sorted(rule["ScheduleExpression"] for rule in rules if "ScheduleExpression" in rule)
    assert {each["LogicalResourceId"] for each in described} == expected
    assert schedules == [*(["rate(1 day)"] if parameters else []), "rate(5 minutes)"]
