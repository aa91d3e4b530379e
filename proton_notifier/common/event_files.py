"""Read events from files, unwrapped from messages and records; an error names what an object is instead."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from notifier.delivery.delivery import Delivery, UnreadableDeliveryError
from notifier.model.composition import compose
from notifier.model.notification import Notification
from notifier.sources.envelope import Event
from notifier.sources.table import source_of
from proton_notifier.common.text_files import UnreadableTextError, read_text

NO_NAMES: Final[Mapping[str, str]] = {}
# A queue's message with a topic's message with an event has seven levels, lists and texts included.
DEPTH_LIMIT: Final = 30
# Several JSON texts in a file may be separated by blanks, or by commas if they were copied from a list.
TEXT_START: Final = re.compile(r"[^\s,]")
# The next JSON text after a broken one begins at the start of a line.
NEXT_TEXT_START: Final = re.compile(r"^[\[{\"]", re.MULTILINE)


class UnreadableEventError(UnreadableTextError):
    """A value is no event; the message describes the error and its place."""


@dataclass(frozen=True, slots=True)
class FileEvent:
    """An *event* of a file, with its *notification* or an *error*; *name* contains the file and the number."""

    name: str
    event: object
    notification: Notification | None
    error: str = ""


def read_events(file: Path, account_names: Mapping[str, str] = NO_NAMES) -> tuple[FileEvent, ...]:
    """Read the events of *file*; *account_names* are by account id."""
    try:
        entries = [*_entries(read_text(file))] or [(None, "there is no event in it")]
    except UnreadableTextError as error:
        undecodable = isinstance(error.__cause__, UnicodeDecodeError)
        entries = [(None, f"not JSON: {error}" if undecodable else str(error))]
    return tuple(
        _file_event(f"{file}#{number}" if len(entries) > 1 else str(file), *entry, account_names)
        for number, entry in enumerate(entries, 1)
    )


def _file_event(name: str, event: object, error: str, account_names: Mapping[str, str]) -> FileEvent:
    if error:
        return FileEvent(name, event, None, error)
    try:
        return FileEvent(name, event, compose_notification(event, account_names))
    except UnreadableEventError as unreadable:
        return FileEvent(name, event, None, str(unreadable))


def parse_json(text: str) -> object:
    """Parse JSON; raise `UnreadableEventError`."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        name = common_name(text)
        message = f"not JSON: it is {name}" if name else f"not JSON: {error}"
        raise UnreadableEventError(message) from error


def compose_notification(raw: object, account_names: Mapping[str, str] = NO_NAMES) -> Notification:
    """Compose the notification of the event *raw*, or take that of a delivery; raise `UnreadableEventError`."""
    name = common_name(raw)
    try:
        match raw:
            case {"notification": dict(), "destination": str()}:
                return Delivery.from_json(json.dumps(raw)).notification
            case dict():
                event = Event.model_validate(raw)
                return compose(source_of(event).read(event), account_names)
        error = f"it is {name or 'no JSON object'}"
    except UnreadableDeliveryError as unreadable:
        error = f"it is a delivery that cannot be read: {unreadable}"
    except ValidationError as invalid:
        error = f"it is {name}" if name else describe_errors(invalid)
    message = f"not an EventBridge event: {error}"
    raise UnreadableEventError(message)


def describe_errors(invalid: ValidationError) -> str:
    """Describe each error and its place, without the values."""
    errors = ((".".join(map(str, error["loc"])), error["msg"]) for error in invalid.errors())
    return "; ".join(f"{place}: {message}" if place else message for place, message in errors)


def _entries(text: str) -> Iterator[tuple[object, str]]:
    """Parse one JSON text or several, as in JSON Lines; yield each event with an empty error, or None with an error."""
    try:
        yield from ((event, "") for event in _unwrap(parse_json(text)))
    except UnreadableEventError:
        entries = [*_separate_entries(text)]
        if all(error for _, error in entries):
            raise
        yield from entries


def _separate_entries(text: str) -> Iterator[tuple[object, str]]:
    decoder, line, start, end = json.JSONDecoder(), 1, 0, 0
    while found := TEXT_START.search(text, end):
        line += text.count("\n", start, found.start())
        start = found.start()
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict | list | str):
            yield from ((event, "") for event in _unwrap(value))
        else:  # A number may be the beginning of a time.
            yield None, f"line {line}: not JSON"
            following = NEXT_TEXT_START.search(text, start + 1)
            end = following.start() if following else len(text)


def _unwrap(value: object, depth: int = 0) -> Iterator[object]:
    """Unwrap the events from lists, and from the messages and records of services."""
    inside: Sequence[object]
    match value:
        case ([_, *_] as inside) | {"Records": [*inside]} | {"Messages": [*inside]} | {"Entries": [*inside]}:
            pass
        case (
            {"Sns": {"Message": str(content)}}
            | {"Type": "Notification", "Message": str(content)}
            | {"messageId": _, "body": str(content)}
            | {"MessageId": _, "Body": str(content)}
            | {"requestPayload": content}
            | {"detail": {"requestPayload": content}}
            | {"at": _, "event": content}  # A line of a history for `replay`.
        ):
            inside = [content]
        case str() as text:
            try:
                inside = [json.loads(text)]
            except (ValueError, RecursionError):
                yield text
                return
        case {"Source": source, "DetailType": kind, "Detail": detail, **rest}:
            optional = {key.lower(): rest[key] for key in ("Time", "Resources") if rest.get(key) is not None}
            inside = [{"source": source, "detail-type": kind, "detail": detail, **optional}]
        # The form in which a notification rule of the developer tools sends an event to a topic.
        case {"detailType": kind, **event} if "detail-type" not in event:
            inside = [{"detail-type": kind, **event}]
        case _:
            yield value
            return
    for inner in inside if depth < DEPTH_LIMIT else ():
        yield from _unwrap(inner, depth + 1)


# Objects that people mistake for events, by some of their keys, and texts; the first match counts.
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
TEXTS: Final = (
    (re.compile(r"\A\s*\Z"), "empty"),
    (re.compile(r"\A\s*<"), "HTML or XML"),
    (re.compile(r"\AStackId='"), "a notification of CloudFormation"),
    (re.compile(r"^(AWSTemplateFormatVersion|Resources):", re.MULTILINE), "a CloudFormation template"),
    (re.compile(r"^\[\[?(accounts|destinations|routes|silences)\b", re.MULTILINE), "a routes document"),
)


def common_name(value: object) -> str | None:
    """Return the name of *value*, a text or JSON, if it is a known kind of object other than an event."""
    if isinstance(value, str):
        return next((name for pattern, name in TEXTS if pattern.search(value)), None)
    return next((name for keys, name in OBJECTS if isinstance(value, dict) and keys <= value.keys()), None)
