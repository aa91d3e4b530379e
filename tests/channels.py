"""The channel types under test, each with the fake server that it sends to: a new type needs a row in `CASES`."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from http import HTTPStatus
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl

from handlers.aws import AwsClients
from notifier.channels import channel_type
from notifier.channels.base import Clients, Receipt
from notifier.channels.destination import Destination, Reason
from notifier.channels.secrets import StoredSecrets
from notifier.channels.slack.responses import REASONS as SLACK_REASONS
from notifier.channels.sns.topic import REASONS as SNS_REASONS
from notifier.channels.teams.webhook import REASONS as TEAMS_REASONS
from notifier.model.notification import Notification
from proton_notifier.fakes.pagerduty import ROUTING_KEY, FakePagerDuty
from proton_notifier.fakes.server import FakeResponse, FakeServer, Request
from proton_notifier.fakes.slack import API_PATH, PATH, TOKEN, TRIGGER_PATH, FakeSlack
from proton_notifier.fakes.teams import FakeTeams
from proton_notifier.fakes.webhook import KEY, FakeReceiver
from tests.clients import loopback

Payload = Mapping[str, Any]

# Escaped text, and what Slack's message itself writes between angle brackets.
SLACK_MARKUP = re.compile(r"[<>`]|&(?!(amp|lt|gt);)|(?<![^\W_])[*_~]|[*_~](?![^\W_])")
SLACK_OURS = re.compile(
    r"\A\*[^*\n]+\*|((?<=\*Status\*\n)|(?<=Run )|(?<= → )|(?<= · ))`[^`]*`|"
    r"<https://[^<>|]+\|[^<>|]+>|<!date\^\d+\^\{date_short_pretty\} \{time_secs\}\|[^<>|]+>|<!here>"
)
# The markup of both chats, and the parts of a description that are ours: code, a link of the console, a label, a time.
CHAT_MARKUP = re.compile(r"[&<>@\[\]*_~`|:#\\]|\w\.\w")
CHAT_OURS = re.compile(r"`[^`<>&]*`|Open in the Proton console: https://\S+|: |\d\d:\d\d:\d\d UTC")
NOTHING = re.compile(r"(?!)")

PUBLISHED = (
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId>'
    "</PublishResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>"
)


class FakeSns(FakeServer):
    """SNS's Publish, which refuses what its API reference says that it refuses."""

    path = "/"

    def receive(self, request: Request) -> FakeResponse:
        """Answer as SNS would."""
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        values = [value for name, value in form.items() if name.startswith("MessageAttributes.entry.")]
        found = [
            *(["subject"] if not re.fullmatch(r"[!-~][ -~]{0,98}", form["Subject"]) else []),
            *(["size"] if len("".join([form["Message"], *values]).encode()) > 262_144 else []),
            *(["empty"] if not form["Message"] else []),
            *(f"attribute {value!r}" for value in values if not value.strip() or not value.isascii()),
        ]
        if found:
            self.rejections += found
            return FakeResponse(HTTPStatus.BAD_REQUEST, sns_error("InvalidParameter"))
        self.messages.append({name: form[name] for name in ("Subject", "Message")})
        return FakeResponse(HTTPStatus.OK, PUBLISHED)


def sns_error(code: str) -> str:
    """Write an error as SNS does."""
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"


def response(status: int, body: str = "", *headers: str) -> bytes:
    """Write a response, to the byte."""
    lines = (f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}", *headers, "", body)
    return "\r\n".join(lines).encode()


@dataclass(frozen=True)
class Case:
    """A channel type, the *fake* of its vendor, and how a destination there is configured.

    *secrets* are the secrets' values by the server's URL, *url* is the setting of the same name, where there is one.
    *success* is a response that counts as sent; where *body_decides* by its body, where *any_202* counts by its status.
    *error* writes the vendor's response with an error code, of which *reasons* lists the documented ones.
    *payloads* are the requests of a message; *shown* is the part of it that people or programs see, of which no text
    may have *markup* besides *ours*. *many* notifications fit into a message, however long they are.
    """

    channel: str
    fake: type[FakeServer]
    success: bytes
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Callable[[str], Mapping[str, str]] = lambda _url: {}
    url: Callable[[str], str] | None = None
    error: Callable[[str], str] = str
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    payloads: Callable[[Payload], list[Payload]] = lambda message: [message]
    shown: Callable[[Payload], list[object]] = lambda message: [message]
    any_202: bool = False
    body_decides: bool = False
    markup: re.Pattern[str] = NOTHING
    ours: re.Pattern[str] = NOTHING
    many: int = 40


def _chat_texts(message: Payload) -> list[object]:
    """Find what Amazon Q Developer shows besides the next step, which is ours; a command is not."""
    notified = json.loads(message["Message"])
    content, metadata = notified["content"], notified["metadata"]
    return [
        content["title"],
        content["description"],
        content["keywords"],
        metadata["summary"],
        metadata.get("eventType"),
        [step for step in content.get("nextSteps", []) if step.startswith("Run ")],
    ]


def _slack_error(code: str) -> str:
    return json.dumps({"ok": False, "error": code})


SNS = Case(
    "sns",
    FakeSns,
    response(200, PUBLISHED),
    {"topic": "arn:aws:sns:eu-west-1:123456789012:alerts"},
    error=sns_error,
    reasons=SNS_REASONS,
)
CASES = {
    "pagerduty": Case(
        "pagerduty",
        FakePagerDuty,
        response(202, '{"status":"success","message":"Event processed","dedup_key":"x"}'),
        {"routing_key": "key"},
        lambda _url: {"key": ROUTING_KEY},
        str,
        payloads=lambda message: message["events"],
        any_202=True,
    ),
    "slack": Case(
        "slack",
        FakeSlack,
        response(200, "ok"),
        {"webhook": "hook"},
        lambda url: {"hook": url},
        reasons=SLACK_REASONS,
        body_decides=True,
        markup=SLACK_MARKUP,
        ours=SLACK_OURS,
    ),
    "slack-bot": Case(
        "slack-bot",
        FakeSlack,
        response(200, '{"ok":true,"channel":"C0ALERTS","ts":"1.2"}'),
        {"token": "token", "channel": "C0ALERTS"},
        lambda _url: {"token": TOKEN},
        lambda url: url.replace(PATH, API_PATH),
        _slack_error,
        SLACK_REASONS,
        body_decides=True,
        markup=SLACK_MARKUP,
        ours=SLACK_OURS,
    ),
    "slack-workflow": Case(
        "slack-workflow",
        FakeSlack,
        response(200, '{"ok":true}'),
        {"webhook": "hook"},
        lambda url: {"hook": url.replace(PATH, TRIGGER_PATH)},
        error=_slack_error,
        reasons=SLACK_REASONS,
        body_decides=True,
        markup=re.compile("[<>]"),
    ),
    "sns": SNS,
    # Programs get each notification or none, so that fewer fit.
    "sns-json": Case(SNS.channel, SNS.fake, SNS.success, {**SNS.settings, "format": "json"}, error=sns_error, many=4),
    "sns-amazon-q": Case(
        SNS.channel,
        SNS.fake,
        SNS.success,
        {**SNS.settings, "format": "amazon-q"},
        shown=_chat_texts,
        markup=CHAT_MARKUP,
        ours=CHAT_OURS,
    ),
    "teams": Case(
        "teams",
        FakeTeams,
        response(202),
        {"webhook": "hook"},
        lambda url: {"hook": url},
        error=lambda code: json.dumps({"error": {"code": code}}),
        reasons=TEAMS_REASONS,
        # The fake takes no text where Markdown is markup.
        markup=re.compile(r"\{\{"),
        any_202=True,
    ),
    "webhook": Case(
        "webhook",
        FakeReceiver,
        b"HTTP/1.1 204 No Content\r\n\r\n",
        {"url": "hook", "signing_key": "key"},
        lambda url: {"hook": url, "key": KEY},
        any_202=True,
    ),
}


class Store:
    """Both stores of secrets, in memory."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self.secrets = {**secrets}

    def get_secret_value(self, SecretId: str) -> Mapping[str, str]:  # noqa: N803 - AWS's name
        """Return a secret."""
        return {"SecretString": self.secrets[SecretId]}


class RunningChannel:
    """A channel beside its vendor's running server."""

    def __init__(self, case: Case, server: FakeServer, url: str) -> None:
        self.case = case
        self.server = server
        self.store = Store(case.secrets(url))
        own = {"url": case.url(url)} if case.url else {}
        self.destination = Destination("place", case.channel, tuple({**case.settings, **own}.items()))

    @cached_property
    def clients(self) -> Clients:
        """The clients, of which SNS's is the functions' own."""
        return Clients(
            loopback(), StoredSecrets(lambda _service: self.store, monotonic), partial(AwsClients().client, "sns")
        )

    @cached_property
    def channel(self) -> Any:  # noqa: ANN401 - a channel, whose message is a static method
        """The channel."""
        return channel_type(self.case.channel)(self.clients, self.destination)

    def send(self, *notifications: Notification) -> str:
        """Send *notifications* in one message; return the receipt's note."""
        receipt: Receipt | None = self.channel.send(notifications)
        return receipt.note if receipt else ""


@contextmanager
def run(case: Case) -> Iterator[RunningChannel]:
    """Run the server of *case*."""
    with case.fake() as server:
        yield RunningChannel(case, server, server.url)
