"""Texts and objects that people mistake for an event."""

import re
from typing import Final

# Objects that people mistake for an event, by keys that they have; the first match counts.
OBJECTS: Final = (
    ({"key1", "key2", "key3"}, "the Lambda console's test event"),
    ({"AWSTemplateFormatVersion"}, "a CloudFormation template"),
    ({"Resources"}, "a CloudFormation template"),
    ({"AlarmName", "NewStateValue"}, "a message of a CloudWatch alarm"),
    ({"Bucket", "Event", "Service"}, "a test notification of S3"),
    ({"CloudTrailEvent"}, "a record of CloudTrail"),
    ({"EventId"}, "a response of put-events"),
    ({"ExecutedVersion"}, "a response of an invocation"),
    ({"SubscribeURL"}, "a confirmation of an SNS subscription"),
    ({"approval", "consoleLink"}, "an approval of CodePipeline"),
    ({"awslogs"}, "a batch of CloudWatch Logs"),
    ({"counts", "notifications"}, "a message of this notifier, for programs"),
    ({"destinations"}, "a routes document"),
    ({"dynamodb", "eventName"}, "a record of a DynamoDB stream"),
    ({"errorMessage", "errorType"}, "an error of a function"),
    ({"eventName", "s3"}, "a notification of S3"),
    ({"eventName", "eventSource", "eventVersion"}, "a record of CloudTrail"),
    ({"httpMethod"}, "a request of API Gateway"),
    ({"kinesis"}, "a record of Kinesis"),
    ({"messages", "severity", "title"}, "the output of `notifier preview`"),
    ({"rawPath", "requestContext"}, "a request of API Gateway or a function URL"),
    ({"routes"}, "a routes document"),
)
# Texts that people mistake for an event.
TEXTS: Final = (
    (re.compile(r"\A\s*\Z"), "empty"),
    (re.compile(r"\A\s*<"), "HTML or XML"),
    (re.compile(r"\AStackId='"), "a notification of CloudFormation"),
    (re.compile(r"^(AWSTemplateFormatVersion|Resources):", re.MULTILINE), "a CloudFormation template"),
    (re.compile(r"^\[\[?(accounts|destinations|routes|silences)\b", re.MULTILINE), "a routes document"),
)


def common_name(value: object) -> str | None:
    """Name what *value*, a text or JSON, is; None for anything else, such as an event."""
    if isinstance(value, str):
        return next((name for pattern, name in TEXTS if pattern.search(value)), None)
    return next((name for keys, name in OBJECTS if isinstance(value, dict) and keys <= value.keys()), None)
