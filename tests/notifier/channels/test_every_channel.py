"""Checks that every channel type passes: a new type needs a row in `tests/channels.py`."""

import json
import re
import socket
import traceback
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from threading import Event

import pytest
from botocore.config import Config
from hypothesis import given
from hypothesis import strategies as st

from handlers.aws import CONFIG, AwsClients
from notifier.channels import CHANNEL_TYPES, channel_type
from notifier.channels.deadlines import deadline
from notifier.channels.destination import PERMANENT, DeliveryError, Destination, Reason
from notifier.model.incident import Turn
from notifier.model.notification import COMMAND_LIMIT, RUNBOOK, Notification
from notifier.model.sanitize import tidy
from notifier.model.status_change import Link, Severity
from proton_notifier.fakes.server import FakeResponse, Request
from tests.channels import CASES, RunningChannel, run
from tests.raw_responses import RawResponse
from tests.samples import NAMES, STUCK, environment_event, event, notification

FAILURE = notification(event("service-update-failed"))
PLANTED = "s3cr3t"
# A send that shall be too late.
MOMENT = 0.15
# How long the server says nothing: less than any other limit of a send, so that only the deadline ends it sooner.
PATIENCE_SECONDS = 5

# SNS has one case for each format; responses are the same for all of them.
TYPES = [name for name, case in CASES.items() if name == case.channel]
EVERY_CASE = pytest.mark.parametrize("case", CASES)
EVERY_TYPE = pytest.mark.parametrize("case", TYPES)

LONG = 290
HOSTILE = [
    *(character * LONG for character in "&<>n🔥ä\"\\`'"),
    "<!channel> <@U0123456789> <https://evil.example|click> &lt;!here&gt;",
    "@everyone @here <at>all</at> [click](https://evil.example) ![x](https://evil.example/x.png)",
    "*bold* _italic_ ~gone~ `code` ```block``` # title > quote :fire: \\",
    "{{DATE(2026-03-03T03:00:00Z, SHORT)}} ${name} {{name}} %s {0}",
    "a\r\nBcc: evil@example.com\r\n\r\nFAILED: b\n\nc",
    "\0\x07\x1b[31m\x7f\x9b\u202egnirts\u202c\u200b\ufeff\ud83d",
    "'; DROP TABLE x; -- <script>alert(1)</script>",
]
ANY_TEXT = st.sampled_from(HOSTILE) | st.text(max_size=LONG)

# Without an error code of the vendor; the body is a proxy's page.
STATUSES = {
    200: Reason.UNAVAILABLE,
    301: Reason.MISCONFIGURED,
    302: Reason.MISCONFIGURED,
    307: Reason.MISCONFIGURED,
    400: Reason.REJECTED,
    401: Reason.UNAUTHORISED,
    403: Reason.UNAUTHORISED,
    404: Reason.GONE,
    405: Reason.MISCONFIGURED,
    408: Reason.TIMED_OUT,
    410: Reason.GONE,
    413: Reason.REJECTED,
    421: Reason.UNAVAILABLE,
    422: Reason.REJECTED,
    425: Reason.UNAVAILABLE,
    429: Reason.RATE_LIMITED,
    500: Reason.UNAVAILABLE,
    502: Reason.UNAVAILABLE,
    503: Reason.UNAVAILABLE,
    504: Reason.UNAVAILABLE,
    529: Reason.UNAVAILABLE,
}
# A receiver may answer anything with its 2xx; botocore reads no page.
OWN_STATUSES = {("webhook", 200): None, **{("sns", status): Reason.UNAVAILABLE for status in STATUSES}}


@pytest.fixture
def running(case: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningChannel]:
    """Run the fake server of the channel."""
    with run(CASES[case]) as channel:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SNS", channel.server.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", PLANTED)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        yield channel


def fails(running: RunningChannel) -> DeliveryError:
    """Send a message that is not sent; find none of the secrets in the error or what it came from."""
    with pytest.raises(DeliveryError) as failed:
        running.send(FAILURE)
    error = failed.value
    said = "".join([*traceback.format_exception(error), str(error), repr(error), repr(error.args)])
    paths = [re.sub(r"^https?://[^/]+/", "", value) for value in running.store.secrets.values()]
    for secret in filter(None, (PLANTED, *running.store.secrets.values(), *paths)):
        assert secret not in said
    return error


def texts(payload: object) -> Iterator[str]:
    """Find each text of a payload."""
    if isinstance(payload, str):
        yield payload
    elif isinstance(payload, dict):
        for name, value in payload.items():
            yield name
            yield from texts(value)
    elif isinstance(payload, list):
        for entry in payload:
            yield from texts(entry)


def hostile(text: str, number: int) -> Notification:
    """Compose a notification in which *text* is wherever an event, or a route's template, can put it."""
    detail = {"name": f"{text}{number}", "status": text, "previousStatus": text, text: text}
    raw = {**environment_event(**detail), "account": text, "region": text, "id": f"{number}"}
    composed = notification(raw, {text.strip(): text})
    lines = "\n".join(filter(None, (tidy(line) for line in text.splitlines())))
    cause = {"reason": tidy(text) or None, "command": tidy(text, COMMAND_LIMIT) or None}
    own_texts = {"custom_title": tidy(text) or None, "custom_body": lines or None} if number % 2 else {}
    return replace(composed, **cause, **own_texts)  # type: ignore[arg-type] # each has the field's type


def test_every_channel_type_has_a_case() -> None:
    """SNS has one for each format."""
    (formats,) = (setting.pattern.split("|") for setting in channel_type("sns").settings if setting.name == "format")

    assert sorted(CHANNEL_TYPES) == TYPES
    assert {case.settings.get("format", "text") for case in CASES.values() if case.channel == "sns"} == {*formats}


@EVERY_TYPE
def test_a_destination_needs_no_setting_but_those_listed(case: str, running: RunningChannel) -> None:
    """Each setting that the case gives is listed and matches, and each without a default is given."""
    given_settings = dict(running.destination.settings)
    listed = {setting.name: setting for setting in channel_type(case).settings}

    assert given_settings.keys() <= listed.keys()
    assert {name for name, setting in listed.items() if setting.default is None} <= given_settings.keys()
    for name in given_settings.keys() - {"url"}:
        assert re.fullmatch(listed[name].pattern, given_settings[name])


@pytest.mark.uncounted
@EVERY_CASE
def test_every_sample_is_sent_as_it_is_rendered(running: RunningChannel) -> None:
    """One by one, and many together as far as a message holds them; the vendor takes each, in one request."""
    # Two samples are one event that came twice.
    composed = [*{each.event_id: each for each in map(notification, map(event, NAMES))}.values()]
    batches: list[tuple[Notification, ...]] = [(each,) for each in composed]
    if running.channel.max_batch > 1:
        batches += [tuple(composed[:2]), tuple(composed[: running.case.many])]

    for batch in batches:
        sent = len(running.server.messages)
        assert not running.send(*batch)
        assert [
            {name: value for name, value in message.items() if name != "routing_key"}
            for message in running.server.messages[sent:]
        ] == running.case.payloads(running.channel.message(batch, running.destination))

    assert running.server.rejections == []


@pytest.mark.uncounted
@EVERY_CASE
def test_whatever_comes_the_vendor_takes_it_and_nothing_in_it_acts(running: RunningChannel) -> None:
    """After escaping, no limit is passed; no text mentions, links, formats, or breaks a line or a subject."""
    case = running.case
    many = min(running.channel.max_batch, case.many)

    @given(text=ANY_TEXT, count=st.sampled_from([1, 2, many]), severity=st.sampled_from(Severity))
    def taken(text: str, count: int, severity: Severity) -> None:
        batch = tuple(replace(hostile(text, number), severity=severity) for number in range(min(count, many)))

        running.send(*batch)

        message = running.channel.message(batch, running.destination)
        assert message == running.channel.message(batch, running.destination)
        for shown in texts(case.shown(message)):
            assert not case.markup.search(case.ours.sub("", shown))
            assert not [char for char in shown if char != "\n" and unicodedata.category(char) in {"Cc", "Cs"}]
            assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\ufeff]", shown)

    taken()

    assert running.server.rejections == []


@EVERY_CASE
@pytest.mark.parametrize("name", ["checkout", "n" * 300])
def test_a_reason_comes_before_what_to_do(name: str, running: RunningChannel) -> None:
    """The title may have room for it or not; of many, each is shown."""
    stuck = replace(notification(STUCK), name=name)
    many = min(running.channel.max_batch, running.case.many)

    for reason in ("Cannot upgrade", f"Cannot upgrade {'x' * 285}"):
        alone = replace(stuck, reason=reason)
        batch = tuple(replace(alone, event_id=f"{number}") for number in range(many))
        running.send(alone)
        running.send(*batch)
        said, digest = (
            "\n".join(texts(running.case.shown(running.channel.message(each, running.destination))))
            for each in ((alone,), batch)
        )
        assert reason in said
        assert said.index("Cannot upgrade") < f"{said}Fix the resource".index("Fix the resource")
        assert "Cannot upgrade" in digest

    assert running.server.rejections == []


@EVERY_CASE
def test_a_runbook_is_the_first_link(running: RunningChannel) -> None:
    """Before the console's, which a workflow leaves out, as it has one variable for both."""
    told = notification(STUCK)
    message = running.channel.message(
        (replace(told, links=(Link(RUNBOOK, "https://wiki.example.com/shop"), *told.links)),), running.destination
    )

    first, *_ = re.findall(r"https://[\w.]+", json.dumps(message))
    assert first == "https://wiki.example.com"


@pytest.mark.parametrize("case", ["slack", "slack-bot", "sns", "sns-amazon-q", "teams"])
def test_a_routes_own_body_has_the_reason_once(running: RunningChannel) -> None:
    """A body that writes it gets no second one; with another body, the title or the line under it has it."""
    for reason in ("Cannot upgrade", f"Cannot upgrade {'x' * 285}"):
        told = replace(notification(STUCK), reason=reason)
        with_it, without_it = (
            "\n".join(texts(running.case.shown({**running.channel.message((each,), running.destination), "text": ""})))
            for each in (replace(told, custom_body=f"Alas: {reason}"), replace(told, custom_body="Alas"))
        )  # Slack shows the text alone, on a phone
        assert with_it.count(reason) == 1
        assert reason in without_it


@pytest.mark.uncounted
@EVERY_CASE
@pytest.mark.parametrize("character", ["&", "<", "🔥", "ä", '"', "`"])
def test_the_longest_reason_is_taken(character: str, running: RunningChannel) -> None:
    """Beside the longest name and command, of whatever characters, alone and among many."""
    longest = replace(
        notification(STUCK), name=character * 300, reason=character * 300, command=character * COMMAND_LIMIT
    )
    many = min(running.channel.max_batch, running.case.many)

    running.send(longest)
    running.send(*(replace(longest, event_id=f"{number}") for number in range(many)))

    assert running.server.rejections == []
    assert len(running.server.messages) == 2


@EVERY_CASE
def test_a_title_breaks_no_line(running: RunningChannel) -> None:
    """A name with line breaks is one line wherever it stands."""
    composed = hostile("a\r\nBcc: b\n\nFAILED: c", 0)
    plain = hostile("a Bcc: b FAILED: c", 0)

    lines = [
        [text.count("\n") for text in texts(running.case.shown(running.channel.message((each,), running.destination)))]
        for each in (composed, plain)
    ]

    assert lines[0] == lines[1]


@pytest.mark.uncounted
@EVERY_TYPE
@pytest.mark.parametrize("status", STATUSES)
def test_a_status_has_its_reason(status: int, case: str, running: RunningChannel) -> None:
    """Without an error code, the status decides between retry and dead-letter queue; nothing of a page is repeated."""
    reason = OWN_STATUSES.get((case, status), STATUSES[status])
    page = f"<!doctype html><p>{' '.join(running.store.secrets.values())}</p>"
    running.server.responses.append(FakeResponse(status, page, {"Retry-After": "7", "Location": f"/{PLANTED}"}))

    if reason is None:
        assert not running.send(FAILURE)
        return
    error = fails(running)

    assert error.reason is reason
    assert error.permanent == (reason in PERMANENT)
    assert error.retry_after_seconds == (None if case == "sns" else 7)
    assert running.server.messages == []


@pytest.mark.uncounted
@pytest.mark.parametrize("case", ["sns"])
@pytest.mark.parametrize("status", [status for status in STATUSES if status >= 400])
def test_an_unknown_code_of_sns_has_the_reason_of_its_status(status: int, running: RunningChannel) -> None:
    """But for 400, which is not about the content: no digest is taken apart for a word that nobody knows."""
    running.server.responses.append(FakeResponse(status, running.case.error("SomethingNew")))

    assert fails(running).reason is (Reason.MISCONFIGURED if status == 400 else STATUSES[status])


@pytest.mark.uncounted
@pytest.mark.parametrize("case", [name for name in TYPES if CASES[name].reasons])
def test_a_documented_code_has_its_reason(case: str, running: RunningChannel) -> None:
    """Whatever a vendor lists, with the status of a bad request."""
    for code, reason in running.case.reasons.items():
        running.server.responses.append(FakeResponse(400, running.case.error(code)))

        error = fails(running)

        assert (code, error.reason) == (code, reason)
        assert code in str(error)
        assert error.settling == (case == "sns" and reason is Reason.UNAUTHORISED)


@EVERY_TYPE
def test_a_success_is_a_success(running: RunningChannel) -> None:
    """The response that the vendor documents is sent without a note."""
    running.server.responses.append(RawResponse(raw=[running.case.success]))

    assert not running.send(FAILURE)


@pytest.mark.uncounted
@EVERY_TYPE
def test_a_deadline_holds(running: RunningChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that takes the message and says nothing is a time-out, which is retried."""
    gave_up = Event()

    def respond(_request: Request) -> FakeResponse:
        """Accept the message only after the channel gave up, or after it waited too long."""
        gave_up.wait(PATIENCE_SECONDS)
        return RawResponse(raw=[running.case.success])

    # In the module of this class: a local function imports the handlers anew.
    short = CONFIG.merge(Config(read_timeout=MOMENT))
    monkeypatch.setitem(AwsClients.client.__globals__, "CONFIG", short)
    monkeypatch.setattr(running.server, "respond", respond)

    with deadline(MOMENT):
        error = fails(running)
    gave_up.set()

    assert (error.reason, error.permanent) == (Reason.TIMED_OUT, False)


@EVERY_TYPE
def test_where_nobody_listens_nothing_is_sent(running: RunningChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is retried, as the server may be back."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}{running.case.fake.path}"
        monkeypatch.setenv("AWS_ENDPOINT_URL_SNS", url)

        error = fails(RunningChannel(running.case, running.server, url))

    assert (error.reason, error.permanent) == (Reason.UNAVAILABLE, False)


@pytest.mark.parametrize(
    ("case", "secret"), [(name, key) for name in TYPES for key in CASES[name].secrets("http://x/")]
)
@pytest.mark.parametrize(
    "value",
    [
        "",
        PLANTED,
        f"https://evil.example/{PLANTED}",
        f"https://{PLANTED}@hooks.slack.com/services/T/B/x",
        f"http://hooks.slack.com/{PLANTED}",
        f"https://hooks.slack.com:{PLANTED}/",
        f'{{"url": "{PLANTED}"}}',
        f'"{PLANTED}"',
    ],
)
def test_a_secret_that_cannot_be_one_is_neither_used_nor_repeated(
    value: str, secret: str, running: RunningChannel
) -> None:
    """Somebody may have pasted another secret, or another vendor's; nothing leaves for a host that is not allowed."""
    running.store.secrets[secret] = value

    error = fails(running)

    assert error.reason is Reason.MISCONFIGURED
    assert f"the secret {secret} " in str(error)
    assert running.server.connections == 0


@pytest.mark.parametrize("case", [name for name in TYPES if CASES[name].url])
@pytest.mark.parametrize(
    "url", ["https://evil.example/x", "http://events.pagerduty.com/x", "https://slack.com@evil.example/"]
)
def test_a_url_elsewhere_is_not_posted_to(url: str, running: RunningChannel) -> None:
    """A routes document cannot send a key or token away."""
    running.destination = replace(running.destination, settings=(*dict(running.destination.settings, url=url).items(),))

    error = fails(running)

    assert error.reason is Reason.MISCONFIGURED
    assert "does not hold an https URL on" in str(error)


@EVERY_TYPE
def test_nothing_shows_a_secret(running: RunningChannel) -> None:
    """Neither the message nor the objects that hold secrets."""
    running.send(FAILURE)

    shown = repr(
        (
            running.channel,
            running.clients,
            running.destination,
            running.channel.message((FAILURE,), running.destination),
            [running.clients.secrets.use(name, lambda secret: secret) for name in running.store.secrets],
        )
    )
    for secret in running.store.secrets.values():
        assert secret not in shown


@EVERY_CASE
def test_who_knows_of_a_failure_is_told_of_its_end(case: str) -> None:
    """Every type follows an incident to its end; what only a thread has room for goes to threads alone."""
    kind = CASES[case]
    destination = Destination("place", kind.channel, tuple(kind.settings.items()))

    followed = channel_type(kind.channel).follows(destination)

    assert followed >= {Turn.AGAIN, Turn.RECOVERED, Turn.ENDED, Turn.FLAPPING, Turn.SETTLED}
    assert (Turn.UPDATED in followed) == (case in {"sns-amazon-q", "pagerduty", "slack-bot", "webhook"})
    assert (Turn.COUNTED in followed) == (case == "slack-bot")
