import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from notifier.channels import CHANNEL_TYPES
from proton_notifier.main import main
from tests.cli.gallery.reading import exhibits
from tests.samples import event

FAILURE = {**event("service-instance-deployment-failed"), "id": "failed", "time": "2026-03-03T10:00:00Z"}
OTHER = event("service-instance-deployment-started")
STARTED = "123456789012: checkout/prod is being deployed (eu-west-1)"
TITLE = "123456789012: checkout/prod could not be deployed (eu-west-1)"
DOCUMENT = """
[destinations.bot]
type = "slack-bot"
token = "proton-notifier/bot"
channel = "C0123456789"

[destinations.gov]
type = "slack-bot"
token = "/proton-notifier/gov"
channel = "G0123456789"
url = "https://slack-gov.com/api/chat.postMessage"

[destinations.hook]
type = "slack"
webhook = "slack-webhook"

[destinations.flow]
type = "slack-workflow"
webhook = "/another-team/flow"

[destinations.teams]
type = "teams"
webhook = "/proton-notifier/teams"

[destinations.pager]
type = "pagerduty"
routing_key = "proton-notifier/pager"
url = "https://events.eu.pagerduty.com/v2/enqueue"

[destinations.receiver]
type = "webhook"
url = "/proton-notifier/url"
signing_key = "/proton-notifier/key"

[destinations.json]
type = "sns"
topic = "arn:aws:sns:us-east-1:210987654321:alerts"
format = "json"

[destinations.chat]
type = "sns"
topic = "arn:aws:sns:eu-west-9:123456789012:chat"
format = "amazon-q"

[[routes]]
to = ["bot", "gov", "hook", "flow", "teams", "pager", "receiver", "json", "chat", "email", "slack"]
mention = { failure = "@here" }
"""


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Name the file of a history."""
    return tmp_path / "history.jsonl"


def write(history: Path, *values: object) -> str:
    """Write *values* as JSON Lines; return the file's name."""
    history.write_text("".join(f"{json.dumps(value)}\n" for value in values), encoding="utf-8")
    return str(history)


def lines(output: str) -> list[dict[str, Any]]:
    """Read JSON Lines."""
    return [json.loads(line) for line in output.splitlines()]


def test_each_thing_done_at_a_place_is_a_line(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its time in the history, after the batching window, and the events that it is about."""
    assert main(["replay", write(history, FAILURE), "--output", "json"]) == 0

    email, slack, summary = lines(capsys.readouterr().out)
    shown = {
        "at": "2026-03-03T10:00:05Z",
        "severity": "failure",
        "title": TITLE,
        "incident": "failed",
        "events": ["failed"],
        "mention": None,
    }
    assert email == {**shown, "destination": "email", "channel": "sns", "act": "publish", "message": email["message"]}
    assert slack == {**shown, "destination": "slack", "channel": "slack", "act": "post", "message": slack["message"]}
    assert [*email] == [
        *("at", "destination", "channel", "act", "severity", "title", "incident", "events", "mention", "message"),
    ]
    assert email["message"]["Subject"] == f"FAILED: {TITLE}"
    assert slack["message"]["text"] == f"🔴 {TITLE}"
    assert summary == {"summary": {"events": 1, "messages": 2, "incidents": 1, "open": 1}}


def test_every_type_of_channel_is_played(history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each at a fake of its vendor, with secrets of any name, and in any region; nothing leaves the machine."""
    routes = tmp_path / "routes.toml"
    routes.write_text(DOCUMENT)
    success = {**event("service-instance-deployed"), "id": "well", "time": "2026-03-03T10:10:00Z"}

    assert main(["replay", write(history, FAILURE, success), "--routes", str(routes), "--output", "json"]) == 0

    *told, summary = lines(capsys.readouterr().out)
    acts = [(each["events"][0], each["destination"], each["channel"], each["act"], each["mention"]) for each in told]
    declared = {each["type"] for each in tomllib.loads(DOCUMENT)["destinations"].values()}
    assert declared == {*CHANNEL_TYPES}
    assert acts[:11] == [
        ("failed", "bot", "slack-bot", "post", "@here"),
        ("failed", "chat", "sns", "publish", None),
        ("failed", "email", "sns", "publish", None),
        ("failed", "flow", "slack-workflow", "post", None),
        ("failed", "gov", "slack-bot", "post", "@here"),
        ("failed", "hook", "slack", "post", "@here"),
        ("failed", "json", "sns", "publish", None),
        ("failed", "pager", "pagerduty", "trigger", None),
        ("failed", "receiver", "webhook", "send", None),
        ("failed", "slack", "slack", "post", "@here"),
        ("failed", "teams", "teams", "post", None),
    ]
    assert ("well", "pager", "pagerduty", "resolve", None) in acts[11:]
    assert summary["summary"]["events"] == 2
    assert summary["summary"]["messages"] == len(told)


def test_events_arrive_at_their_times(history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In whatever order they stand, in several files; one without a time comes with the one before it."""
    on_time = {**OTHER, "id": "on-time", "time": "2026-03-03T10:00:00+01:00"}
    without = {**OTHER, "id": "without"}
    del without["time"]
    listed = tmp_path / "list.json"
    early = {**OTHER, "id": "early", "time": "2026-03-03T07:00:00Z"}
    listed.write_text(json.dumps([{"at": "2026-03-03 08:00", "event": early}], indent=2))

    assert main(["replay", write(history, without, FAILURE, on_time, without), str(listed)]) == 0

    output = capsys.readouterr().out
    assert [line for line in output.splitlines() if str(tmp_path) in line] == [
        f"2026-03-03 08:00:00  {listed}:1#1  🔵 {STARTED}; to nobody",
        f"2026-03-03 09:00:00  {history}:3  🔵 {STARTED}; to nobody",
        f"2026-03-03 09:00:00  {history}:4  🔵 {STARTED}; to nobody",
        f"2026-03-03 10:00:00  {history}:1  🔵 {STARTED}; to nobody",
        f"2026-03-03 10:00:00  {history}:2  🔴 {TITLE}; opened, to email, slack",
    ]
    assert f"2026-03-03 10:00:05  slack post  🔴 {TITLE}\n" in output
    assert output.endswith("events: 5, messages: 2, incidents: 1, open: 1\n")


def test_time_goes_on_for_reminders(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For so long after the last message, and no longer; what then recovers is told, and is not open."""
    well = {**event("service-instance-deployed"), "id": "well", "time": "2026-03-03T20:00:00Z"}

    for duration, incidents in (("5h", [FAILURE]), ("1h", [FAILURE, well])):
        assert main(["replay", write(history, *incidents), "--for", duration, "--output", "json"]) == 0

    printed = lines(capsys.readouterr().out)
    assert [each.get("summary") or (each["at"], each["severity"]) for each in printed if each.get("act") != "post"] == [
        ("2026-03-03T10:00:05Z", "failure"),
        ("2026-03-03T14:00:05Z", "failure"),
        {"events": 1, "messages": 4, "incidents": 1, "open": 1},
        ("2026-03-03T10:00:05Z", "failure"),
        ("2026-03-03T14:00:05Z", "failure"),
        ("2026-03-03T20:00:05Z", "recovered"),
        {"events": 2, "messages": 6, "incidents": 1, "open": 0},
    ]
    assert {each["incident"] for each in printed if "act" in each} == {"failed"}


def test_an_event_that_comes_twice_is_told_once(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As in the stack, whose ledger knows it."""
    assert main(["replay", write(history, FAILURE, FAILURE), "--output", "json"]) == 0

    *told, summary = lines(capsys.readouterr().out)
    assert [(each["destination"], each["events"]) for each in told] == [("email", ["failed"]), ("slack", ["failed"])]
    assert summary["summary"]["events"] == 2


def test_what_nobody_gets_is_reported(history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An event that no rule matches, and what a destination refuses for good."""
    routes = tmp_path / "routes.toml"
    routes.write_text(
        '[destinations.china]\ntype = "sns"\ntopic = "arn:aws-cn:sns:cn-north-1:123456789012:alerts"\n'
        '[[routes]]\nto = ["china"]\n'
    )
    other = {**FAILURE, "source": "aws.s3"}

    status = main(["replay", write(history, other, FAILURE), "--routes", str(routes), "--output", "json"])

    output, errors = capsys.readouterr()
    assert status == 1
    assert lines(output) == [{"summary": {"events": 2, "messages": 0, "incidents": 1, "open": 1}}]
    assert errors == (
        f'{history}:1: ⚠️ no rule of the stack matches it: no rule is for its source, "aws.s3"\n'
        "china: ⚠️ not delivered: misconfigured: failed\n"
    )


def test_the_page_shows_what_came_and_what_each_place_showed(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In one file, in ASCII, by time."""
    assert main(["replay", write(history, FAILURE), "--output", "html"]) == 0

    page = capsys.readouterr().out
    assert page.isascii()
    (story,) = exhibits(page).values()
    assert f"""
        Timeline
        2026-03-03 10:00:00 UTC 🔴 {TITLE}; opened, to email, slack {history}:1
        2026-03-03 10:00:05 UTC 🔴 {TITLE} email publish, slack post
        Event {{ "version": "0",
    """.split() == story.words[story.words.index("Timeline") :].split()[:36]  # fmt: skip
    classes = [attributes.get("class") for _, attributes in story.elements]
    assert [classes.count(drawing) for drawing in ("slack", "email", "slider")] == [1, 1, 1]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "{file}: there is no event in it"),
        ("[]", "{file}: there is no event in it"),
        (json.dumps(FAILURE) + '\n{"a"', "{file}:2: not JSON: Expecting ':' delimiter: line 2 column 5 (char "),
        ('{"a": \n' + json.dumps(FAILURE), "{file}:1: not JSON: the line ends within an object"),
        ('{"a": {\n "b" 1}}', "{file}:2: not JSON: Expecting ':' delimiter: line 2 column 6 (char "),
        ("[" * 100_000, "{file}:1: not JSON: maximum recursion depth exceeded"),
        ("\n\n7", "{file}:3: not an EventBridge event: it is no JSON object"),
        ('{"at": "2026-03-03T10:00:00Z", "event": [1]}', "{file}:1: not an EventBridge event: it is no JSON object"),
        ('[{}, {"detail": {}}]', "{file}:1#1: not an EventBridge event: source: Field required"),
        (
            json.dumps(FAILURE) + '\n{"at": "soon", "event": ' + json.dumps(FAILURE) + "}",
            "{file}:2: at is 'soon', and must be a time until 9000, as in 2026-12-01T08:00:00Z",
        ),
        (
            json.dumps({**FAILURE, "time": "9999-12-31T23:59:59Z"}),
            "{file}:1: time is '9999-12-31T23:59:59Z', and must be a time until 9000, as in 2026-12-01T08:00:00Z",
        ),
        (
            json.dumps({**FAILURE, "time": None}),
            '{file}: no event has a time; write {{"at": "2026-12-01T08:00:00Z", "event": {{...}}}}',
        ),
    ],
    ids=[
        "empty",
        "empty-list",
        "cut",
        "cut-line",
        "indented",
        "deep",
        "number",
        "list",
        "fields",
        "at",
        "time",
        "no-time",
    ],
)
def test_a_wrong_history_is_not_played(
    text: str, error: str, history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line of the error names the file and the place."""
    history.write_text(text)

    assert main(["replay", str(history), "--output", "json"]) == 2

    output, errors = capsys.readouterr()
    assert output == ""
    (line,) = errors.splitlines()
    assert line.startswith(error.format(file=history))


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ("routes = 1", "{file}:1: routes: must be tables [[routes]]"),
        ('[[routes]]\nto = ["pager"]', "{file}:2: routes[1].to[1]: there is no destination"),
        (
            '[destinations.bot]\ntype = "slack-bot"\ntoken = "t"\nchannel = "C0123"\nurl = "https://slack.com/api"\n',
            "{file}:5: destinations.bot.url: Slack takes messages at /api/chat.postMessage only",
        ),
    ],
    ids=["schema", "destination", "address"],
)
def test_a_wrong_document_is_not_played(
    document: str, error: str, history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `routes check` reports it."""
    routes = tmp_path / "routes.toml"
    routes.write_text(document)

    assert main(["replay", write(history, FAILURE), "--routes", str(routes)]) == 2

    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith(error.format(file=routes))


@pytest.mark.parametrize("missing", ["history.jsonl", "routes.toml"])
def test_a_missing_file_is_named(missing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is played."""
    files = {"history.jsonl": json.dumps(FAILURE), "routes.toml": ""}
    for name in files.keys() - {missing}:
        (tmp_path / name).write_text(files[name])

    assert main(["replay", str(tmp_path / "history.jsonl"), "--routes", str(tmp_path / "routes.toml")]) == 2

    assert capsys.readouterr() == ("", f"{tmp_path / missing}: No such file or directory\n")


def test_a_wrong_duration_is_not_played(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The error says how to write one."""
    with pytest.raises(SystemExit) as ended:
        main(["replay", str(history), "--for", "two days"])

    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "notifier replay: error: argument --for: must be a number of seconds, minutes, hours or days, "
        "as in 30s, 5m, 2h or 3d"
    )
