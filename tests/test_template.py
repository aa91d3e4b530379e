"""Parts of the template that moto cannot show: permissions, encryption, and where failures go."""

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from handlers.aws import SECRETS_CONFIG
from notifier.delivery.attempts import LATE_SECRET_SECONDS, LONGEST_SEND_MILLISECONDS, backoff_seconds
from notifier.delivery.ledger import LEASE_SECONDS, MARKS_LIMIT
from notifier.memory.store import INDEX
from notifier.settings import DeliveryMode, HeartbeatMode, Settings
from notifier.sources.table import HEARTBEAT_SOURCE, SOURCES, SWEEP_SOURCE, TEST_SOURCE
from proton_notifier.common.rules import patterns
from proton_notifier.localaws.cloud import LocalCloud
from proton_notifier.localaws.stack import resolve_conditions
from proton_notifier.send_test.response import RESPONSE_SECONDS, TEST_EVENT_SOURCE
from tests.samples import HEARTBEAT, SCHEDULED

ROOT = Path(__file__).parent.parent
FUNCTIONS = ("DeliveryFunction", "EventsFunction")
QUEUES = ("Deliveries", "FailedDeliveries", "FailedEvents", "RuleDeadLetters")
NAMESPACE = {"Fn::Sub": "Notifier/${AWS::StackName}"}
EVENT_METRICS = {"Closed", "Opened", "SecondsToRecovery", "Silenced"}
OPERATIONS = ROOT / "docs/operations.md"
PARAMETERS = (ROOT / "docs/parameters.md").read_text(encoding="utf-8")
HOUR = 60 * 60
FOURTEEN_DAYS = 14 * 24 * HOUR

Template = Mapping[str, Any]


@pytest.fixture(scope="module")
def template() -> Iterator[Template]:
    """Translate the template to what CloudFormation gets."""
    with LocalCloud("unused") as cloud:
        yield cloud.template


def properties(template: Template, logical_id: str) -> dict[str, Any]:
    """Look up what a resource is to be like."""
    found: dict[str, Any] = template["Resources"][logical_id]["Properties"]
    return found


def of_type(template: Template, resource_type: str) -> dict[str, dict[str, Any]]:
    """List the resources of one type by logical id."""
    resources = template["Resources"].items()
    return {name: resource["Properties"] for name, resource in resources if resource["Type"] == resource_type}


def statements(template: Template) -> Iterator[dict[str, Any]]:
    """List every statement of the policies that this template writes itself, with those that depend on a condition."""
    for role in of_type(template, "AWS::IAM::Role"):
        yield from unconditional(template, role)
        yield from conditional(template, role).values()


def unconditional(template: Template, role: str) -> list[dict[str, Any]]:
    """List the statements that a role has in every stack."""
    (policy,) = properties(template, role)["Policies"]
    return [statement for statement in policy["PolicyDocument"]["Statement"] if "Fn::If" not in statement]


def conditional(template: Template, role: str) -> dict[str, dict[str, Any]]:
    """List the statements that a role has only in some stacks, by their conditions."""
    (policy,) = properties(template, role)["Policies"]
    found = [statement["Fn::If"] for statement in policy["PolicyDocument"]["Statement"] if "Fn::If" in statement]
    assert all(otherwise == {"Ref": "AWS::NoValue"} for _, _, otherwise in found)
    return {condition: statement for condition, statement, _ in found}


def watched(template: Template, namespace: object, metric: str, threshold: int) -> list[dict[str, Any]]:
    """List the dimensions of what has an alarm on a metric that rises above a threshold."""
    return [
        {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}
        for alarm in of_type(template, "AWS::CloudWatch::Alarm").values()
        if (alarm.get("Namespace"), alarm.get("MetricName"), alarm["Threshold"]) == (namespace, metric, threshold)
        and alarm["ComparisonOperator"] == "GreaterThanThreshold"
    ]


def listed(actions: str | list[str]) -> list[str]:
    """Read what a statement of a policy allows, be it one action or several."""
    return [actions] if isinstance(actions, str) else actions


def measured_destinations(template: Template) -> list[dict[str, str]]:
    """List the dimensions of what the function that sends measures, where a topic and a secret are configured."""
    variables = properties(template, "DeliveryFunction")["Environment"]["Variables"]
    environment = {"ALERT_TOPIC_ARN": "a topic", "SLACK_SECRET_NAME": "a secret", "ALERT_SCOPE": "problems"}
    settings = Settings.from_env({**environment, "DELIVERY_MODE": "send", "HEARTBEAT": "off"})
    service = variables["POWERTOOLS_SERVICE_NAME"]
    return [{"service": service, "destination": place.name} for place in settings.destinations]


def operations_sections() -> dict[str, str]:
    """Read what each section of docs/operations.md says, by its heading."""
    sections = OPERATIONS.read_text(encoding="utf-8").split("\n## ")[1:]
    return {heading: text for heading, _, text in (section.partition("\n") for section in sections)}


def dashboard_metrics(template: Template) -> list[list[Any]]:
    """List what the dashboard draws, each variable of its body being its name."""
    body = re.sub(r"\$\{([^}]+)\}", r"\1", properties(template, "Dashboard")["DashboardBody"]["Fn::Sub"])
    return [metric for widget in json.loads(body)["widgets"] for metric in widget["properties"]["metrics"]]


def test_every_permission_is_by_name(template: Template) -> None:
    """No action has a wildcard, no resource that could be named is not, and no managed policy adds to it."""
    anywhere = [statement["Action"] for statement in statements(template) if statement["Resource"] == "*"]

    assert not re.search(r'"\w+:[^"]*\*', json.dumps([statement["Action"] for statement in statements(template)]))
    tracing = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]  # X-Ray knows no resources
    reading = conditional(template, "EventsFunctionRole")["ExplainsFailures"]["Action"]
    assert sorted(anywhere) == sorted([reading, tracing, tracing])
    assert [action for action in reading if not re.match(r"\w+:(BatchGet|Describe|Get|List)", action)] == []
    assert not [name for name, role in of_type(template, "AWS::IAM::Role").items() if "ManagedPolicyArns" in role]


def test_whoever_waits_for_the_first_function_waits_until_it_has_answered(template: Template) -> None:
    """A test that is given up too early would be sent all the same."""
    assert properties(template, "EventsFunction")["Timeout"] < RESPONSE_SECONDS


@pytest.mark.parametrize(
    ("role", "actions"),
    [
        (
            "DeliveryFunctionRole",
            [
                "dynamodb:BatchWriteItem",
                "dynamodb:DeleteItem",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
                "logs:CreateLogStream",
                "logs:PutLogEvents",
                "secretsmanager:GetSecretValue",
                "sns:Publish",
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ReceiveMessage",
                "sqs:SendMessage",
                "ssm:GetParameter",
                "ssm:GetParameter",
                "ssm:GetParameterHistory",
            ],
        ),
        (
            "EventsFunctionRole",
            [
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "logs:CreateLogStream",
                "logs:PutLogEvents",
                "sqs:SendMessage",
                "ssm:GetParameter",
                "ssm:GetParameterHistory",
            ],
        ),
    ],
)
def test_a_role_may_do_what_its_function_does(role: str, actions: list[str], template: Template) -> None:
    """A permission that is added shows here."""
    allowed = [statement["Action"] for statement in unconditional(template, role)]

    assert sorted(action for entry in allowed for action in listed(entry)) == actions


def test_only_the_stacks_own_secrets_and_routes_can_be_read(template: Template) -> None:
    """The secrets that a routes document names are below the prefix, and nothing else can be read."""
    readable = {
        role: {
            statement["Resource"]["Fn::Sub"].partition("${AWS::AccountId}:")[2]
            for statement in unconditional(template, role)
            if {"secretsmanager:GetSecretValue", "ssm:GetParameter"} & set(listed(statement["Action"]))
        }
        for role in ("DeliveryFunctionRole", "EventsFunctionRole")
    }

    assert readable == {
        "DeliveryFunctionRole": {
            "parameter/${AWS::StackName}/routes",
            "parameter/${SecretPrefix}/*",
            "secret:${SecretPrefix}/*",
        },
        "EventsFunctionRole": {"parameter/${AWS::StackName}/routes"},
    }


def test_a_stack_that_would_tell_nobody_is_refused(template: Template) -> None:
    """Deploying with neither an address nor a secret fails, and says why."""
    (assertion,) = template["Rules"]["SomebodyIsTold"]["Assertions"]

    assert assertion["Assert"] == {
        "Fn::Not": [
            {
                "Fn::And": [
                    {"Fn::Equals": [{"Ref": "AlertEmail"}, ""]},
                    {"Fn::Equals": [{"Ref": "SlackSecretName"}, ""]},
                ]
            }
        ]
    }
    assert assertion["AssertDescription"].startswith("Give AlertEmail, SlackSecretName or both")


def test_a_permission_is_there_before_what_needs_it(template: Template) -> None:
    """Slack or a topic that an update adds: the function waits for its role, and would not for a policy beside it."""
    account = "${AWS::Region}:${AWS::AccountId}"

    assert conditional(template, "DeliveryFunctionRole") == {
        "HasTracing": conditional(template, "EventsFunctionRole")["HasTracing"],
        "HasMoreTopics": {"Effect": "Allow", "Action": "sns:Publish", "Resource": {"Ref": "MoreTopicArns"}},
        "HasSlack": {
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue", "ssm:GetParameter"],
            "Resource": [
                {"Fn::Sub": f"arn:${{AWS::Partition}}:secretsmanager:{account}:secret:${{SlackSecretName}}-??????"},
                {"Fn::Sub": f"arn:${{AWS::Partition}}:ssm:{account}:parameter${{SlackSecretName}}"},
            ],
        },
    }
    assert of_type(template, "AWS::IAM::Policy") == of_type(template, "AWS::IAM::ManagedPolicy") == {}
    for function in FUNCTIONS:
        assert properties(template, function)["Role"] == {"Fn::GetAtt": [f"{function}Role", "Arn"]}


def test_there_is_a_subscription_only_with_an_address(template: Template) -> None:
    """A stack without an email subscribes nobody."""
    assert template["Resources"]["AlertEmailSubscription"]["Condition"] == "HasEmail"


@pytest.mark.parametrize("queue", QUEUES)
def test_every_queue_is_encrypted_and_keeps_messages_longest(queue: str, template: Template) -> None:
    """Over a holiday nothing expires."""
    assert properties(template, queue)["SqsManagedSseEnabled"] is True
    assert properties(template, queue)["MessageRetentionPeriod"] == FOURTEEN_DAYS


def test_every_queue_and_topic_refuses_plain_http(template: Template) -> None:
    """Each in its one policy, for a second would take the place of the first; nobody else is refused."""
    policies = [
        (place["Ref"], policy["PolicyDocument"]["Statement"])
        for kind, places in (("AWS::SQS::QueuePolicy", "Queues"), ("AWS::SNS::TopicPolicy", "Topics"))
        for policy in of_type(template, kind).values()
        for place in policy[places]
    ]
    there = [*of_type(template, "AWS::SQS::Queue"), *of_type(template, "AWS::SNS::Topic")]

    assert sorted(name for name, _ in policies) == sorted(there)
    for name, stated in policies:
        (denied,) = [statement for statement in stated if statement["Effect"] == "Deny"]
        # A topic's policy may name no other action.
        assert denied["Action"] == ("sns:Publish" if name.endswith("Topic") else "sqs:*")
        assert (denied["Principal"], denied["Condition"]) == ("*", {"Bool": {"aws:SecureTransport": "false"}})
        assert denied["Resource"] in ("*", {"Ref": name}, {"Fn::GetAtt": [name, "Arn"]})


def test_the_policies_let_in_whom_a_role_does_not(template: Template) -> None:
    """EventBridge to the rules' dead letters, CloudWatch to the operations topic; the functions have their roles."""
    allowed = {
        name: [
            (statement["Principal"], statement["Action"], *statement["Condition"].values())
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Allow"
        ]
        for kind in ("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")
        for name, policy in of_type(template, kind).items()
    }

    assert allowed["OperationsTopicPolicy"] == [
        ({"Service": "cloudwatch.amazonaws.com"}, "sns:Publish", {"aws:SourceAccount": {"Ref": "AWS::AccountId"}})
    ]
    assert [entry[:2] for entry in allowed["RuleDeadLettersPolicy"]] == [
        ({"Service": "events.amazonaws.com"}, "sqs:SendMessage")
    ]
    assert allowed["AlertTopicPolicy"] == allowed["QueuesPolicy"] == []


def test_what_holds_data_goes_with_the_stack_and_with_nothing_else(template: Template) -> None:
    """An update that would replace it leaves the old one; without a name of its own it is in nobody's way."""
    data = {
        "AWS::DynamoDB::Table": "TableName",
        "AWS::KMS::Key": "KeyName",
        "AWS::Logs::LogGroup": "LogGroupName",
        "AWS::SNS::Topic": "TopicName",
        "AWS::SQS::Queue": "QueueName",
    }
    holding = {name: each for name, each in template["Resources"].items() if each["Type"] in data}

    assert len(holding) == 11
    for name, resource in holding.items():
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Delete", "Retain"), name
        assert data[resource["Type"]] not in resource["Properties"], name
        assert f"`{name}`" in operations_sections()["Remove it"], name


@pytest.mark.parametrize(
    ("partition", "console"),
    [
        ("aws", "console.aws.amazon.com"),
        ("aws-cn", "console.amazonaws.cn"),
        ("aws-us-gov", "console.amazonaws-us-gov.com"),
    ],
)
def test_a_link_leads_to_the_partitions_own_console(partition: str, console: str, template: Template) -> None:
    """An account in China or GovCloud is in no other console."""
    url, values = template["Outputs"]["DashboardUrl"]["Value"]["Fn::Sub"]
    host = values["Console"]
    while isinstance(host, dict):
        condition, then, otherwise = host["Fn::If"]
        ours, other = template["Conditions"][condition]["Fn::Equals"]
        assert ours == {"Ref": "AWS::Partition"}
        host = then if other == partition else otherwise

    assert host == console
    assert url.startswith("https://${AWS::Region}.${Console}/cloudwatch/home?region=${AWS::Region}#")
    outputs = [output["Value"] for name, output in template["Outputs"].items() if name != "DashboardUrl"]
    assert "console." not in json.dumps(outputs)


def test_there_are_no_other_queues_and_the_topics_are_encrypted(template: Template) -> None:
    """A resource that is added has to be looked at here."""
    assert sorted(of_type(template, "AWS::SQS::Queue")) == sorted(QUEUES)
    assert {name: topic["KmsMasterKeyId"] for name, topic in of_type(template, "AWS::SNS::Topic").items()} == {
        "AlertTopic": "alias/aws/sns",
        "OperationsTopic": {"Fn::If": ["HasCustomerKey", {"Ref": "OperationsKey"}, {"Ref": "AWS::NoValue"}]},
    }


@pytest.mark.parametrize(
    ("parameter", "condition", "resources"),
    [
        ("CustomerManagedKey", "HasCustomerKey", {"OperationsKey", "OperationsKeyAlias"}),
        ("OperationsDashboard", "HasDashboard", {"Dashboard"}),
        ("Tracing", "HasTracing", set()),
    ],
)
def test_what_costs_more_is_there_only_if_asked_for(
    parameter: str, condition: str, resources: set[str], template: Template
) -> None:
    """An idle stack costs less than two dollars a month by default."""
    there = {name for name, resource in template["Resources"].items() if resource.get("Condition") == condition}

    assert template["Parameters"][parameter]["Default"] == "off"
    assert template["Conditions"][condition] == {"Fn::Equals": [{"Ref": parameter}, "on"]}
    assert there == resources


@pytest.mark.parametrize("table", ["Ledger", "Memory"])
def test_a_table_has_the_key_that_costs_nothing_and_no_price_when_idle(table: str, template: Template) -> None:
    """`SSEEnabled` would mean the account's own, whose use is billed; the default is encrypted as well."""
    assert "SSESpecification" not in properties(template, table)
    assert properties(template, table)["BillingMode"] == "PAY_PER_REQUEST"
    assert properties(template, table)["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_each_function_reaches_its_own_table_alone(template: Template) -> None:
    """The first one has the memory and its index, the second one the ledger, by name and by permission."""
    reached = {
        function: {
            (action, json.dumps(statement["Resource"]))
            for statement in unconditional(template, f"{function}Role")
            for action in listed(statement["Action"])
            if action.startswith("dynamodb:")
        }
        for function in FUNCTIONS
    }
    memory, index = json.dumps({"Fn::GetAtt": ["Memory", "Arn"]}), json.dumps({"Fn::Sub": "${Memory.Arn}/index/due"})

    assert reached["EventsFunction"] == {
        ("dynamodb:GetItem", memory),
        ("dynamodb:PutItem", memory),
        ("dynamodb:Query", index),
    }
    assert {resource for _, resource in reached["DeliveryFunction"]} == {json.dumps({"Fn::GetAtt": ["Ledger", "Arn"]})}
    for table, function, other in (
        ("Memory", "EventsFunction", "DeliveryFunction"),
        ("Ledger", "DeliveryFunction", "EventsFunction"),
    ):
        assert properties(template, function)["Environment"]["Variables"][f"{table.upper()}_TABLE"] == {"Ref": table}
        assert {"Ref": table} not in properties(template, other)["Environment"]["Variables"].values()


def test_the_memory_finds_what_is_due_by_a_sparse_index(template: Template) -> None:
    """The index is named as the store and the permission name it, and has nothing but keys."""
    (index,) = properties(template, "Memory")["GlobalSecondaryIndexes"]

    assert index == {
        "IndexName": INDEX,
        "KeySchema": [
            {"AttributeName": "due", "KeyType": "HASH"},
            {"AttributeName": "due_at", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }


def source_rules(template: Template) -> dict[str, tuple[str, dict[str, Any]]]:
    """Find the rules that depend on the parameter Sources, by their condition: logical id and rule."""
    return {
        rule["Condition"]: (name, rule["Properties"])
        for name, rule in template["Resources"].items()
        if rule["Type"] == "AWS::Events::Rule" and rule.get("Condition") not in {None, "HasHeartbeat"}
    }


def test_every_source_has_its_rule_and_option(template: Template) -> None:
    """The rule lets in what the source reads, is there if its option is chosen, and may invoke the function."""
    options = template["Parameters"]["Sources"]["AllowedValues"]
    sources = {source.option: source for source in SOURCES if source.option}
    rules = source_rules(template)

    assert set(options) == set(sources)
    assert len(rules) == len(sources)
    for condition, (name, rule) in rules.items():
        (option,) = [each for each in options if f",{each}," in json.dumps(template["Conditions"][condition])]
        pattern = json.loads(json.dumps(rule["EventPattern"]), object_hook=lambda entry: entry.get("Fn::Sub", entry))
        assert pattern == patterns()[sources[option].name]
        permission = template["Resources"][name.replace("Rule", "Permission")]
        assert permission["Condition"] == condition
        assert permission["Properties"]["SourceArn"] == {"Fn::GetAtt": [name, "Arn"]}


@pytest.mark.parametrize("chosen", ["", "proton", "ecs,proton", "codepipeline,ecs,alarms", "guardduty"])
def test_a_source_that_is_not_chosen_has_no_rule(chosen: str, template: Template) -> None:
    """Its rule and its permission do not exist."""
    left = resolve_conditions(template, {"AWS::Partition": "aws", "Sources": chosen})
    found = {
        resource["Properties"]["EventPattern"]["source"][0]
        for name, resource in left["Resources"].items()
        if resource["Type"] == "AWS::Events::Rule" and name not in {"RoutesRule", "SweepRule"}
    }

    assert found == {source.name for source in SOURCES if source.option in chosen.split(",")}


def test_what_the_rule_cannot_hand_over_is_kept(template: Template) -> None:
    """Each target has a retry policy and a queue, and the queue lets in the stack's rules and nobody else."""
    statement, _ = properties(template, "RuleDeadLettersPolicy")["PolicyDocument"]["Statement"]

    for _, rule in source_rules(template).values():
        (target,) = rule["Targets"]
        assert target["DeadLetterConfig"]["Arn"] == {"Fn::GetAtt": ["RuleDeadLetters", "Arn"]}
        assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    conditional = {"HasHeartbeat": "HeartbeatRule"} | {
        condition: name for condition, (name, _) in source_rules(template).items()
    }
    allowed = statement["Condition"]["ArnEquals"]["aws:SourceArn"]
    always = [{"Fn::GetAtt": [name, "Arn"]} for name in ("RoutesRule", "SweepRule")]
    assert [entry for entry in allowed if "Fn::If" not in entry] == always
    assert sorted(json.dumps(entry) for entry in allowed if "Fn::If" in entry) == sorted(
        json.dumps({"Fn::If": [condition, {"Fn::GetAtt": [name, "Arn"]}, {"Ref": "AWS::NoValue"}]})
        for condition, name in conditional.items()
    )


def test_a_document_that_is_written_is_looked_at_at_once(template: Template) -> None:
    """Its rule hands over what Parameter Store says of this document alone, and loses it no more easily."""
    rule = properties(template, "RoutesRule")
    (target,) = rule["Targets"]
    (other,) = properties(template, "ProtonRule")["Targets"]

    assert rule["EventPattern"] == {
        "source": ["aws.ssm"],
        "detail-type": ["Parameter Store Change"],
        "detail": {"name": [properties(template, "EventsFunction")["Environment"]["Variables"]["ROUTES_PARAMETER"]]},
    }
    assert target == other


def test_a_send_has_time_for_a_secret_that_is_read_at_its_deadline() -> None:
    """The clients of the stores know time-outs, and no deadline."""
    options = vars(SECRETS_CONFIG)

    assert options["connect_timeout"] + options["read_timeout"] == LATE_SECRET_SECONDS
    assert LONGEST_SEND_MILLISECONDS == 40_000


def test_the_heartbeat_takes_the_way_of_an_event_once_a_day(template: Template) -> None:
    """Its rule gives the schedule's event a source of its own, and loses it no more easily than another."""
    rule = properties(template, "HeartbeatRule")
    (target,) = rule["Targets"]
    (other,) = properties(template, "ProtonRule")["Targets"]
    permission = properties(template, "HeartbeatPermission")

    assert rule["ScheduleExpression"] == "rate(1 day)"
    transformer = target["InputTransformer"]
    assert target == {**other, "Id": target["Id"], "InputTransformer": transformer}
    # EventBridge puts JSON in place of each <name>, with quotes around a text.
    written = re.sub(r"<(\w+)>", lambda name: json.dumps(SCHEDULED[name[1]]), transformer["InputTemplate"])
    assert transformer["InputPathsMap"] == {
        name: f"$.{name}" for name in re.findall(r"<(\w+)>", transformer["InputTemplate"])
    }
    assert json.loads(written) == HEARTBEAT
    assert permission["FunctionName"] == {"Ref": "EventsFunction"}
    assert permission["Principal"] == "events.amazonaws.com"
    assert permission["SourceArn"] == {"Fn::GetAtt": ["HeartbeatRule", "Arn"]}


def test_a_sweep_takes_the_way_of_the_heartbeat_every_five_minutes(template: Template) -> None:
    """One that is five minutes old is not tried again: the next one does its work."""
    rule, heartbeat = properties(template, "SweepRule"), properties(template, "HeartbeatRule")
    (target,), (other,) = rule["Targets"], heartbeat["Targets"]
    words = target["InputTransformer"]["InputTemplate"]

    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    assert "Condition" not in template["Resources"]["SweepRule"]
    assert (
        words.replace("Sweep", "Heartbeat").replace(SWEEP_SOURCE, HEARTBEAT_SOURCE)
        == (other["InputTransformer"]["InputTemplate"])
    )
    assert target == {
        **other,
        "InputTransformer": {**other["InputTransformer"], "InputTemplate": words},
        "RetryPolicy": {"MaximumEventAgeInSeconds": 5 * 60, "MaximumRetryAttempts": 185},
    }
    assert properties(template, "SweepPermission") == {
        **properties(template, "HeartbeatPermission"),
        "SourceArn": {"Fn::GetAtt": ["SweepRule", "Arn"]},
    }


def test_nothing_beats_unless_asked(template: Template) -> None:
    """With the parameter's default there is no schedule, and no alarm that waits for it."""
    resources = template["Resources"].items()
    conditions = {name: resource["Condition"] for name, resource in resources if "Heartbeat" in name}

    assert template["Parameters"]["Heartbeat"]["Default"] == HeartbeatMode.OFF
    assert template["Parameters"]["Heartbeat"]["AllowedValues"] == [*HeartbeatMode]
    assert template["Conditions"]["HasHeartbeat"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "Heartbeat"}, HeartbeatMode.OFF]}]
    }
    assert template["Conditions"]["HasSlackHeartbeat"] == {
        "Fn::And": [{"Condition": "HasHeartbeat"}, {"Condition": "HasSlack"}]
    }
    assert conditions == {
        "EmailHeartbeatAlarm": "HasHeartbeat",
        "HeartbeatPermission": "HasHeartbeat",
        "HeartbeatRule": "HasHeartbeat",
        "SlackHeartbeatAlarm": "HasSlackHeartbeat",
    }


def test_what_the_first_function_cannot_do_is_kept(template: Template) -> None:
    """Lambda tries twice more, then puts the event into a queue."""
    (configuration,) = of_type(template, "AWS::Lambda::EventInvokeConfig").values()

    assert configuration["FunctionName"] == {"Ref": "EventsFunction"}
    assert configuration["MaximumRetryAttempts"] == 2
    assert configuration["MaximumEventAgeInSeconds"] == 6 * HOUR
    assert configuration["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["FailedEvents", "Arn"]}


def test_what_the_second_function_cannot_do_comes_back_and_is_kept(template: Template) -> None:
    """A failed record alone returns, after the function is surely done, for hours, then into a queue."""
    (mapping,) = of_type(template, "AWS::Lambda::EventSourceMapping").values()
    deliveries = properties(template, "Deliveries")

    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": ["Deliveries", "Arn"]}
    # Lambda allows no fewer workers. Slack takes one message a second: what more of them sent would only be refused.
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}
    # What a digest of a whole batch needs in marks is in the time that is left for them (handlers.delivery).
    assert mapping["BatchSize"] == 20 * MARKS_LIMIT
    longest_window = template["Parameters"]["BatchingWindowSeconds"]["MaxValue"]
    assert mapping["MaximumBatchingWindowInSeconds"] == {"Ref": "BatchingWindowSeconds"}
    assert deliveries["VisibilityTimeout"] == 6 * properties(template, "DeliveryFunction")["Timeout"] + longest_window
    assert deliveries["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["FailedDeliveries", "Arn"]}
    assert properties(template, "DeliveryFunction")["Timeout"] * 1_000 > LONGEST_SEND_MILLISECONDS
    # What a worker that died had claimed waits no longer than its lease.
    assert properties(template, "DeliveryFunction")["Timeout"] < LEASE_SECONDS <= 90
    waits = sum(backoff_seconds(attempt, 0) for attempt in range(1, deliveries["RedrivePolicy"]["maxReceiveCount"]))
    assert 24 * HOUR < waits < 36 * HOUR


def test_what_was_measured_is_what_is_deployed(template: Template) -> None:
    """Cost and speed are by these sizes, and a message waits as long as RESULTS.md says."""
    sizes = {
        name: (properties(template, name)["MemorySize"], properties(template, name)["Timeout"]) for name in FUNCTIONS
    }
    window = template["Parameters"]["BatchingWindowSeconds"]

    assert sizes == {"DeliveryFunction": (512, 60), "EventsFunction": (256, 30)}
    # Lambda takes no window above 300 seconds.
    assert (window["Default"], window["MinValue"], window["MaxValue"]) == (5, 1, 300)
    assert template["Parameters"]["LogRetentionDays"]["Default"] == 30


def test_an_alarm_rings_after_a_minute(template: Template) -> None:
    """But for those that are to wait, or to see an absence."""
    slow = {
        name: (alarm["Period"], alarm["EvaluationPeriods"])
        for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items()
        if "MetricName" in alarm and (alarm["Period"], alarm["EvaluationPeriods"]) != (60, 1)
    }

    assert slow == {
        "DeliveriesPutOffAlarm": (60, 15),
        "EmailHeartbeatAlarm": (3600, 26),
        "MemoryAlarm": (600, 1),
        "SlackHeartbeatAlarm": (3600, 26),
    }


def test_one_more_failure_rings_while_the_first_still_does(template: Template) -> None:
    """The alarm on a queue's depth is silent until it is empty; the rise of each has its own, late data or none."""
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    failures = set(QUEUES) - {"Deliveries"}

    for queue in failures:
        alarm = alarms[f"{queue}RiseAlarm"]
        rise, visible = alarm["Metrics"]
        assert (rise["Expression"], rise.get("ReturnData", True)) == ("DIFF(FILL(visible, 0))", True)
        assert (visible["Id"], visible["ReturnData"]) == ("visible", False)
        assert visible["MetricStat"] == {
            "Metric": {
                "Namespace": "AWS/SQS",
                "MetricName": "ApproximateNumberOfMessagesVisible",
                "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": [queue, "QueueName"]}}],
            },
            "Period": 60,
            "Stat": "Maximum",
        }
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
        # With one period, the zero that FILL puts in place of late data would be all that the alarm sees.
        assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]) == (1, 3)
    assert {name for name, alarm in alarms.items() if "Metrics" in alarm} == {
        "MoreRuleDeadLettersLostAlarm",
        "RuleDeadLettersLostAlarm",
        *(f"{queue}RiseAlarm" for queue in failures),
    }


def test_what_could_not_even_be_kept_rings(template: Template) -> None:
    """An event that neither the function nor a queue took is lost, and somebody has to know."""
    assert watched(template, "AWS/Lambda", "DestinationDeliveryFailures", 0) == [
        {"FunctionName": {"Ref": "EventsFunction"}}
    ]
    written = [properties(template, name) for name in ("RuleDeadLettersLostAlarm", "MoreRuleDeadLettersLostAlarm")]
    assert all(len(alarm["Metrics"]) <= 11 for alarm in written)  # ten metrics and their sum
    assert {alarm["Metrics"][0]["Expression"] for alarm in written} == {"SUM(FILL(METRICS(), 0))"}
    rules = set(re.findall(r'"RuleName", "Value": {"Ref": "(\w+)"}', json.dumps(written)))
    assert rules == {name for name, _ in source_rules(template).values()}
    assert json.dumps(written).count("InvocationsFailedToBeSentToDlq") == len(rules)


def test_every_queue_of_failures_has_an_alarm(template: Template) -> None:
    """A message in a queue that no function reads is for a person."""
    mappings = of_type(template, "AWS::Lambda::EventSourceMapping").values()
    taken_from = {mapping["EventSourceArn"]["Fn::GetAtt"][0] for mapping in mappings}
    alarms = watched(template, "AWS/SQS", "ApproximateNumberOfMessagesVisible", 0)

    failures = set(of_type(template, "AWS::SQS::Queue")) - taken_from

    assert taken_from == {"Deliveries"}
    assert [name for name in failures if {"QueueName": {"Fn::GetAtt": [name, "QueueName"]}} not in alarms] == []


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_has_an_alarm(metric: str, template: Template) -> None:
    """A function that fails as a whole, or is not started, tells somebody."""
    alarms = watched(template, "AWS/Lambda", metric, 0)

    assert [
        name for name in of_type(template, "AWS::Lambda::Function") if {"FunctionName": {"Ref": name}} not in alarms
    ] == []


def test_what_a_destination_refuses_for_good_rings(template: Template) -> None:
    """One alarm for all, for the stack does not know those that a document names."""
    service = properties(template, "DeliveryFunction")["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]

    assert watched(template, NAMESPACE, "PermanentlyFailed", 0) == [{"service": service}]


def test_two_stacks_share_no_metric(template: Template) -> None:
    """Else one's failures ring for both, and its heartbeat hides that the other's is missing."""
    alarms = of_type(template, "AWS::CloudWatch::Alarm").values()
    namespaces = [alarm["Namespace"] for alarm in alarms if "Namespace" in alarm]

    for function in FUNCTIONS:
        assert properties(template, function)["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"] == NAMESPACE
    assert {str(name) for name in namespaces} <= {"AWS/Events", "AWS/Lambda", "AWS/SQS", str(NAMESPACE)}
    assert namespaces.count(NAMESPACE) == 5
    assert "ProtonNotifier" not in json.dumps(template)


def test_routes_in_trouble_ring_until_they_are_in_order(template: Template) -> None:
    """No news is no good news: without an event nobody looks at them."""
    assert watched(template, NAMESPACE, "RoutesInTrouble", 0) == [{"service": "events"}]
    assert properties(template, "RoutesAlarm")["TreatMissingData"] == "ignore"


def test_memory_in_trouble_rings_until_two_sweeps_went_well(template: Template) -> None:
    """They report no zero, which would be billed each hour."""
    alarm = properties(template, "MemoryAlarm")

    assert watched(template, NAMESPACE, "MemoryInTrouble", 0) == [{"service": "events"}]
    assert (alarm["TreatMissingData"], alarm["Period"], alarm["EvaluationPeriods"]) == ("notBreaching", 2 * 5 * 60, 1)


def test_late_deliveries_ring(template: Template) -> None:
    """A quarter of an hour is long for news of a failure."""
    alarms = watched(template, "AWS/SQS", "ApproximateAgeOfOldestMessage", 15 * 60)

    assert alarms == [{"QueueName": {"Fn::GetAtt": ["Deliveries", "QueueName"]}}]


def test_deliveries_that_keep_being_put_off_ring(template: Template) -> None:
    """SQS has no age for messages that were received three times: the alarm rings if some are there for 15 minutes."""
    alarm = properties(template, "DeliveriesPutOffAlarm")

    assert watched(template, "AWS/SQS", "ApproximateNumberOfMessagesNotVisible", 0) == [
        {"QueueName": {"Fn::GetAtt": ["Deliveries", "QueueName"]}}
    ]
    assert (alarm["Statistic"], alarm["Period"], alarm["EvaluationPeriods"]) == ("Minimum", 60, 15)
    assert "DatapointsToAlarm" not in alarm


def test_a_missing_heartbeat_rings_for_each_destination(template: Template) -> None:
    """The alarm looks back for more than the day between two of them, and no further than CloudWatch allows."""
    alarms = [
        alarm
        for alarm in of_type(template, "AWS::CloudWatch::Alarm").values()
        if alarm["TreatMissingData"] == "breaching"
    ]

    assert [
        {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]} for alarm in alarms
    ] == measured_destinations(template)
    for alarm in alarms:
        assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == (NAMESPACE, "Heartbeats", "Sum")
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
        assert alarm["Period"] >= HOUR
        assert 25 * HOUR < alarm["Period"] * alarm["EvaluationPeriods"] <= 7 * 24 * HOUR


def test_every_alarm_goes_to_the_operations_topic_alone(template: Template) -> None:
    """Were it the alert topic or Slack, a broken one would hide itself."""
    actions = [{"Ref": "OperationsTopic"}]

    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        # A rise ends after minutes, and OK would be said of a queue that is not empty.
        ended = None if name.endswith("RiseAlarm") else actions
        assert (alarm["AlarmActions"], alarm.get("OKActions")) == (actions, ended), name
        assert alarm["TreatMissingData"] in {"breaching", "ignore", "notBreaching"}, name


def test_every_alarm_names_the_section_that_says_what_to_do(template: Template) -> None:
    """The description is one sentence, and the section that it names is about this alarm."""
    sections = operations_sections()

    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        named = re.fullmatch(r'[^.:]+: see "([^"]+)" in docs/operations\.md\.', alarm["AlarmDescription"])
        assert named, name
        assert f"`{name}`" in sections[named[1]], name


def test_operations_names_what_the_stack_has(template: Template) -> None:
    """Every command asks for an output or a resource that there is, and every alarm is in the overview."""
    text = OPERATIONS.read_text(encoding="utf-8")

    assert set(re.findall(r"\boutput ([A-Z]\w+)", text)) <= set(template["Outputs"])
    assert set(re.findall(r"\bresource ([A-Z]\w+)", text)) <= set(template["Resources"])
    assert set(re.findall(r"`(\w+Alarm)`", operations_sections()["Before you begin"])) == set(
        of_type(template, "AWS::CloudWatch::Alarm")
    )


def test_the_operations_topic_needs_no_address(template: Template) -> None:
    """Without one the alarms still have where to go, and somebody can subscribe later."""
    assert template["Resources"]["OperationsEmailSubscription"]["Condition"] == "HasOperationsEmail"
    assert "Condition" not in template["Resources"]["OperationsTopic"]
    assert template["Outputs"]["OperationsTopicArn"]["Value"] == {"Ref": "OperationsTopic"}


def test_the_operations_key_lets_in_the_alarms_of_this_account_alone(template: Template) -> None:
    """Its policy names the account itself, and CloudWatch for alarms of this account; there is no third statement."""
    key = properties(template, "OperationsKey")
    account, alarms = key["KeyPolicy"]["Statement"]

    assert key["EnableKeyRotation"] is True
    assert account["Principal"] == {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
    assert alarms["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert alarms["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    assert alarms["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_the_dashboard_draws_what_is_measured(template: Template) -> None:
    """Its body is JSON, and each of its metrics is one of the notifier's or of a queue."""
    metrics = dashboard_metrics(template)
    drawn = {(metric[0], metric[1]) for metric in metrics if len(metric) > 1}
    searched = [metric[0]["expression"] for metric in metrics if len(metric) == 1]
    # A namespace with other signs than letters and digits stands in quotes.
    by_destination = '{{"Notifier/AWS::StackName",service,destination{}}} MetricName="{}" service="delivery"\', \'{}\''

    assert drawn == {
        ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
        ("AWS/SQS", "ApproximateNumberOfMessagesNotVisible"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        *(("Notifier/AWS::StackName", name) for name in EVENT_METRICS),
    }
    assert searched.pop() == "RUNNING_SUM(FILL(opened, 0)) - RUNNING_SUM(FILL(closed, 0))"
    assert searched == [
        f"SEARCH('{by_destination.format(*found)}, 300)"
        for found in (
            ("", "Sent", "Sum"),
            (",reason", "Failed", "Sum"),
            ("", "LatencySeconds", "p50"),
            ("", "LatencySeconds", "p99"),
            ("", "Digests", "Sum"),
        )
    ]


def test_the_dashboard_names_queues_that_there_are(template: Template) -> None:
    """A name with a mistake would draw an empty line and nobody would know."""
    metrics = [metric for metric in dashboard_metrics(template) if len(metric) > 1]

    assert sorted({metric[3] for metric in metrics if metric[0] == "AWS/SQS"}) == [
        f"{name}.QueueName" for name in QUEUES
    ]
    assert {metric[1] for metric in metrics if metric[2:4] == ["service", "events"]} == EVENT_METRICS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_is_traced_if_asked_and_its_log_expires(function: str, template: Template) -> None:
    """Nothing is kept for ever by default; the permission to trace goes with the tracing."""
    deployed = properties(template, function)

    assert deployed["Runtime"] == "python3.13"
    assert deployed["TracingConfig"] == {"Mode": {"Fn::If": ["HasTracing", "Active", "PassThrough"]}}
    assert conditional(template, f"{function}Role")["HasTracing"]["Action"] == [
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ]
    assert deployed["LoggingConfig"]["LogGroup"] == {"Ref": f"{function}Logs"}
    assert properties(template, f"{function}Logs")["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def planned_build(folder: Path, architectures: str) -> subprocess.CompletedProcess[str]:
    """Ask make what it would do to build a function of a template with other *architectures*."""
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert text.count("    Architectures: [x86_64] #") == text.count("Architectures") == 1
    (folder / "template.yaml").write_text(text.replace("Architectures: [x86_64]", architectures), encoding="utf-8")
    shutil.copy(ROOT / "Makefile", folder)
    command = ["make", "--dry-run", "--makefile", str(folder / "Makefile"), "build-DeliveryFunction", "ARTIFACTS_DIR=x"]
    return subprocess.run(command, cwd=ROOT / "src", check=False, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("architecture", "platform"), [("x86_64", "manylinux2014_x86_64"), ("arm64", "manylinux2014_aarch64")]
)
def test_a_function_is_built_for_the_processor_that_it_is_deployed_to(
    architecture: str, platform: str, tmp_path: Path
) -> None:
    """One value, which SAM copies into what it deploys."""
    planned = planned_build(tmp_path, f"Architectures: [{architecture}]")

    assert planned.returncode == 0, planned.stderr
    assert re.findall(r"--platform (\S+)", planned.stdout) == [platform]


@pytest.mark.parametrize(
    "architectures",
    [
        "Architectures: [riscv]",
        "Architectures: [arm64, x86_64]",
        "Architectures: [!Ref Architecture]",
        "Architectures: [arm64]\n    Architectures: [x86_64]",
        "",
    ],
)
def test_what_cannot_be_told_is_not_built(architectures: str, tmp_path: Path) -> None:
    """Another value, one for each function, or one that only the deployment knows."""
    planned = planned_build(tmp_path, architectures)

    assert planned.returncode != 0
    assert 'template.yaml needs one line "Architectures: [x86_64]" or "Architectures: [arm64]"' in planned.stderr


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_runs_on_the_one_processor(function: str, template: Template) -> None:
    """Nothing between the build and the deployment can choose another."""
    assert properties(template, function)["Architectures"] == ["x86_64"]


def test_the_parameters_have_one_order_everywhere(template: Template) -> None:
    """SAM's guide asks in the template's order, the console by groups, and docs/parameters.md explains them."""
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    rows = re.findall(
        r"^\| `(\w+)` \| `?([^`|]+)`? \|", PARAMETERS.partition("| parameter |")[2].partition("\n\n")[0], re.MULTILINE
    )
    defaults = {name: str(parameter["Default"]) or "none" for name, parameter in template["Parameters"].items()}

    assert [name for group in groups for name in group["Parameters"]] == [*template["Parameters"]]
    assert rows == [*defaults.items()]


def test_every_parameter_explains_itself_and_has_a_default(template: Template) -> None:
    """`sam deploy --guided` says what it wants to know."""
    for name, parameter in template["Parameters"].items():
        assert len(parameter["Description"]) > 40, name
        assert "Default" in parameter, name
        assert {"AllowedPattern", "AllowedValues", "MaxValue"} & set(parameter), name


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        ("AlertEmail", ["", "team@example.com"], ["team", "a b@example.com"]),
        ("OperationsEmail", ["", "on-call@example.com"], ["on-call", "a b@example.com"]),
        (
            "SlackSecretName",
            ["", "prod/slack-webhook", "/prod/slack"],
            ["https://hooks.slack.com/services/T/B/X", "arn:aws:x:y"],
        ),
        (
            "SecretPrefix",
            ["proton-notifier", "team/alerts", "prod", "lawson"],
            [
                "",
                "/",
                "/prod",
                "prod/",
                "*",
                "pro?",
                "a//b",
                "aws",
                "aws/reference",
                "AWS-x",
                "ssm",
                "Ssm/x",
                "a b",
                "${x}",
            ],
        ),
        (
            "AccountNames",
            ["", "123456789012=production", "123456789012=pro duction, 210987654321=staging"],
            ["production", "123=production", "123456789012=", "123456789012=a,"],
        ),
        (
            "WebhookHosts",
            ["", "hooks.example.com", ".example.org, 10.0.0.1"],
            ["https://hooks.example.com", "hooks.example.com:8443", "a,", "*.example.org", "."],
        ),
        (
            "WebhookProxy",
            ["", "http://proxy.example.com:3128", "https://10.0.0.1:443/", "http://[fd00::1]:3128"],
            ["proxy.example.com:3128", "http://user:password@proxy.example.com:3128", "http://proxy.example.com"],
        ),
    ],
)
def test_a_parameter_takes_what_it_says(parameter: str, good: list[str], bad: list[str], template: Template) -> None:
    """A webhook pasted where a secret's name belongs is refused before it is stored anywhere."""
    pattern = re.compile(template["Parameters"][parameter]["AllowedPattern"])

    assert [value for value in good if not pattern.search(value)] == []
    assert [value for value in bad if pattern.search(value)] == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_local_invocations_print_and_need_nothing(function: str, template: Template) -> None:
    """All that samconfig.toml sets for `sam local invoke` overrides variables that the functions have."""
    samconfig = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    invocation = samconfig["default"]["local_invoke"]["parameters"]
    local = json.loads((ROOT / invocation["env_vars"]).read_text(encoding="utf-8"))["Parameters"]
    variables = properties(template, function)["Environment"]["Variables"]
    defaults = {name: value if isinstance(value, str) else "" for name, value in variables.items()}

    settings = Settings.from_env({**defaults, "ALERT_SCOPE": "problems", **local})

    assert set(local) <= set(variables)
    assert settings.delivery_mode is DeliveryMode.PRINT
    assert [destination.name for destination in settings.destinations] == ["email", "slack"]
    assert invocation["function_logical_id"] in FUNCTIONS


def test_the_stack_says_that_it_knows_tests(template: Template) -> None:
    """An earlier one would send a test to everybody, without the mark."""
    assert template["Outputs"][TEST_EVENT_SOURCE]["Value"] == TEST_SOURCE
