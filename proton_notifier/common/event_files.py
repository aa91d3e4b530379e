"""Events in files: taken out of what they come wrapped in, and if something is no event, what it is."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from notifier.delivery.delivery import Delivery, UnreadableDeliveryError
from notifier.model.notification import Notification, compose
from notifier.sources.envelope import Event
from notifier.sources.table import source_of
from proton_notifier.common.text_files import UnreadableTextError, text_of

# A queue's message around a topic's around an event are seven, with the lists and the texts between them.
DEPTH_LIMIT: Final = 30
# Between several JSON texts in a file is nothing, a blank, or, if they were cut out of a list, a comma.
PIECE: Final = re.compile(r"[^\s,]")
# Where the next may begin after one that is broken.
BEGINNING: Final = re.compile(r"^[\[{\"]", re.MULTILINE)

# What people have at hand that is no event, by keys that it has; the first that fits.
SHAPES: Final = (
    ({"key1", "key2", "key3"}, "the Lambda console's test event"),
    ({"AWSTemplateFormatVersion"}, "a CloudFormation template"),
    ({"Resources"}, "a CloudFormation template"),
    ({"AlarmName", "NewStateValue"}, "a message of a CloudWatch alarm"),
    ({"Bucket", "Event", "Service"}, "a test notification of S3"),
    ({"CloudTrailEvent"}, "a record of CloudTrail"),
    ({"EventId"}, "an answer of put-events"),
    ({"ExecutedVersion"}, "an answer of an invocation"),
    ({"SubscribeURL"}, "a confirmation of an SNS subscription"),
    ({"approval", "consoleLink"}, "an approval of CodePipeline"),
    ({"awslogs"}, "a batch of CloudWatch Logs"),
    ({"counts", "notifications"}, "a message of the notifier's own, for programs"),
    ({"destinations"}, "a routes document"),
    ({"dynamodb", "eventName"}, "a record of a DynamoDB stream"),
    ({"errorMessage", "errorType"}, "an error of a function"),
    ({"eventName", "s3"}, "a notification of S3"),
    ({"eventName", "eventSource", "eventVersion"}, "a record of CloudTrail"),
    ({"httpMethod"}, "a request of API Gateway"),
    ({"kinesis"}, "a record of Kinesis"),
    ({"messages", "severity", "title"}, "an answer of `notifier preview`"),
    ({"rawPath", "requestContext"}, "a request of API Gateway or a function URL"),
    ({"routes"}, "a routes document"),
)
# The same of text, by how it begins.
TEXTS: Final = (
    (re.compile(r"\A\s*\Z"), "empty"),
    (re.compile(r"\A\s*<"), "HTML or XML"),
    (re.compile(r"\AStackId='"), "a notification of CloudFormation"),
    (re.compile(r"^(AWSTemplateFormatVersion|Resources):", re.MULTILINE), "a CloudFormation template"),
    (re.compile(r"^\[\[?(accounts|destinations|routes|silences)\b", re.MULTILINE), "a routes document"),
)


class UnreadableEventError(UnreadableTextError):
    """A value is no event; the message says what is wrong and where."""


@dataclass(frozen=True, slots=True)
class Found:
    """An *event*, or what should be one and its *problem*; *name* is the file's, and a number if there are several."""

    name: str
    event: object
    problem: str = ""

    def notification(self) -> Notification:
        """Compose what would be said of it; raise `UnreadableEventError`."""
        if self.problem:
            raise UnreadableEventError(self.problem)
        return notification_of(self.event)


def events_of(file: Path) -> tuple[Found, ...]:
    """Find the events of *file*."""
    try:
        found = [*_found(text_of(file))]
    except UnreadableTextError as error:
        no_text = isinstance(error.__cause__, UnicodeDecodeError)
        found = [(None, f"not JSON: {error}" if no_text else str(error))]
    return tuple(
        Found(f"{file}#{number}" if len(found) > 1 else str(file), event, problem)
        for number, (event, problem) in enumerate(found or [(None, "there is no event in it")], 1)
    )


def parse(text: str) -> object:
    """Parse JSON; raise `UnreadableEventError` if *text* is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        named = _named(text)
        message = f"not JSON: it is {named}" if named else f"not JSON: {error}"
        raise UnreadableEventError(message) from error


def notification_of(raw: object) -> Notification:
    """Compose what would be said of the event *raw*, or is said in a delivery; raise `UnreadableEventError`."""
    try:
        match raw:
            case {"notification": dict(), "destination": str()}:
                return Delivery.from_json(json.dumps(raw)).notification
            case dict():
                event = Event.model_validate(raw)
                return compose(source_of(event).read(event), {})
        message = f"it is {_named(raw) or 'no JSON object'}"
    except UnreadableDeliveryError as error:
        message = f"it is a delivery that cannot be read: {error}"
    except ValidationError as error:
        named = _named(raw)
        message = f"it is {named}" if named else describe_errors(error)
    message = f"not an EventBridge event: {message}"
    raise UnreadableEventError(message)


def describe_errors(error: ValidationError) -> str:
    """Name what is wrong, and where, without the values."""
    named = ((".".join(map(str, wrong["loc"])), wrong["msg"]) for wrong in error.errors())
    return "; ".join(f"{place}: {problem}" if place else problem for place, problem in named)


def _named(found: object) -> str | None:
    if isinstance(found, str):
        return next((name for beginning, name in TEXTS if beginning.search(found)), None)
    return next((name for keys, name in SHAPES if isinstance(found, dict) and keys <= found.keys()), None)


def _found(text: str) -> Iterator[tuple[object, str]]:
    """Parse one JSON text or several, as in JSON Lines, and say of each event or piece what is wrong with it."""
    try:
        yield from ((event, "") for event in _unwrapped(parse(text)))
    except UnreadableEventError:
        pieces = [*_pieces(text)]
        if all(problem for _, problem in pieces):
            raise
        yield from pieces


def _pieces(text: str) -> Iterator[tuple[object, str]]:
    decoder, line, start, end = json.JSONDecoder(), 1, 0, 0
    while piece := PIECE.search(text, end):
        line += text.count("\n", start, piece.start())
        start = piece.start()
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict | list | str):
            yield from ((event, "") for event in _unwrapped(value))
        else:  # a number may be the beginning of a time
            yield None, f"line {line}: not JSON"
            following = BEGINNING.search(text, start + 1)
            end = following.start() if following else len(text)


def _unwrapped(value: object, depth: int = 0) -> Iterator[object]:
    """Take out of *value* what services, queues and people wrap events in."""
    inside: Sequence[object]
    match value:
        case [_, *_] as inside:
            pass
        case {"Records": [*inside]} | {"Messages": [*inside]} | {"Entries": [*inside]}:
            pass
        case (
            {"Sns": {"Message": str(text)}}
            | {"Type": "Notification", "Message": str(text)}
            | {"messageId": _, "body": str(text)}
            | {"MessageId": _, "Body": str(text)}
        ):
            inside = [text]
        case str() as text if (parsed := _json_or_text(text)) != text:
            inside = [parsed]
        case {"requestPayload": payload} | {"detail": {"requestPayload": payload}}:
            inside = [payload]
        case {"Source": source, "DetailType": kind, "Detail": detail, **rest}:
            optional = {key.lower(): rest[key] for key in ("Time", "Resources") if rest.get(key) is not None}
            inside = [{"source": source, "detail-type": kind, "detail": detail, **optional}]
        case _:
            yield value
            return
    for each in inside if depth < DEPTH_LIMIT else ():
        yield from _unwrapped(each, depth + 1)


def _json_or_text(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
