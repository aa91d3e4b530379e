from typing import Any

import pytest

from proton_notifier.localaws.stack import resolve_conditions

PARAMETERS = {
    "Email": {"Type": "String", "Default": ""},
    "Days": {"Type": "Number", "Default": 30},
    "Topics": {"Type": "CommaDelimitedList", "Default": ""},
}
NONE = {"Ref": "AWS::NoValue"}
EMAIL = {"Fn::Not": [{"Fn::Equals": [{"Ref": "Email"}, ""]}]}
TOPICS = {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", {"Ref": "Topics"}]}, ""]}]}


@pytest.mark.parametrize(
    ("condition", "given", "judged"),
    [
        (EMAIL, {}, False),
        (EMAIL, {"Email": "a@b"}, True),
        (TOPICS, {}, False),
        (TOPICS, {"Topics": "a,b"}, True),
        ({"Fn::Equals": [{"Fn::Join": ["-", {"Ref": "Topics"}]}, "a-b"]}, {"Topics": "a,b"}, True),
        ({"Fn::Equals": [{"Ref": "Days"}, "30"]}, {}, True),
        ({"Fn::Equals": [{"Ref": "Days"}, 7]}, {"Days": "7"}, True),
        ({"Fn::Equals": [{"Ref": "Email"}, True]}, {"Email": "true"}, True),
        ({"Fn::Equals": [{"Fn::Select": [1, {"Fn::Split": ["@", {"Ref": "Email"}]}]}, "b"]}, {"Email": "a@b"}, True),
        ({"Fn::And": [EMAIL, {"Condition": "Listed"}]}, {"Email": "a@b"}, False),
        ({"Fn::And": [EMAIL, {"Condition": "Listed"}]}, {"Email": "a@b", "Topics": "a"}, True),
        ({"Fn::Or": [EMAIL, {"Condition": "Listed"}]}, {}, False),
        ({"Fn::Or": [EMAIL, {"Condition": "Listed"}]}, {"Topics": "a"}, True),
        ({"Fn::Not": [{"Condition": "Listed"}]}, {}, True),
        ({"Condition": "Listed"}, {"Topics": "a"}, True),
        ({"Fn::Equals": [{"Ref": "AWS::Partition"}, "aws-cn"]}, {"AWS::Partition": "aws"}, False),
    ],
)
def test_a_condition_is_judged_on_text(condition: dict[str, Any], given: dict[str, str], *, judged: bool) -> None:
    """Numbers and truths are words to CloudFormation; a condition may stand on others, whichever comes first."""
    entry = {"Type": "A", "Condition": "Asked"}
    template = {
        "Parameters": PARAMETERS,
        "Conditions": {"Asked": condition, "Listed": TOPICS},
        "Resources": {"A": entry},
        "Outputs": {"B": {"Value": "b", "Condition": "Asked"}},
    }

    left = resolve_conditions(template, given)

    assert left == {
        "Parameters": PARAMETERS,
        "Resources": {"A": {"Type": "A"}} if judged else {},
        "Outputs": {"B": {"Value": "b"}} if judged else {},
    }


@pytest.mark.parametrize(("given", "statements"), [({}, ["always"]), ({"Email": "a@b"}, ["always", "email"])])
def test_a_choice_is_made_and_nothing_is_left_of_no_value(given: dict[str, str], statements: list[str]) -> None:
    """In a list, as a property, within another choice; a policy's own Condition is none of CloudFormation's."""
    policy = {"Condition": {"StringEquals": {"a": {"Ref": "Email"}}}}
    properties = {
        "Statements": ["always", {"Fn::If": ["Asked", "email", NONE]}],
        "Key": {"Fn::If": ["Asked", NONE, {"Fn::If": ["Asked", "never", "without"]}]},
        "Policy": policy,
    }
    template = {
        "Parameters": PARAMETERS,
        "Conditions": {"Asked": EMAIL},
        "Resources": {"A": {"Type": "A", "Properties": properties}},
    }

    found = resolve_conditions(template, given)["Resources"]["A"]["Properties"]

    key = {} if given else {"Key": "without"}
    assert found == {"Statements": statements, "Policy": policy, **key}
