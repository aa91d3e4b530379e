import json
import re
import sys
from pathlib import Path

import pytest

from notifier.model.status_change import Severity
from proton_notifier.demo.command import DAY, ODD
from proton_notifier.fakes import teams as fake_teams
from proton_notifier.main import main
from tests.cli.gallery.reading import exhibits
from tests.samples import EVENTS, NAMES, event, notification
from tests.terminals import Terminal

COUNTS = r"(\d+) events in, (\d+) emails, (\d+) Slack messages, (\d+) Teams messages, (\d+) failures"


def test_the_demo_shows_every_sample_event(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each file arrives as an email, a Slack message and a Teams card, and the counts say so."""
    status = main(["demo", "--out", str(tmp_path)])

    out = capsys.readouterr().out
    batches = len(list(EVENTS.glob("deliveries/*.json")))
    counts = re.search(COUNTS, out)
    assert status == 0
    assert "\x1b" not in out
    assert "━" not in out
    assert counts
    # Of the three batches, one is a single email, one a message for each destination, one a digest for each.
    assert [int(count) for count in counts.groups()] == [
        len(NAMES) + batches,
        len(NAMES) + 3,
        len(NAMES) + 2,
        len(NAMES),
        0,
    ]
    assert "email  FAILED: production: environment sample-environment could not be deleted (region_id)" in out
    assert "Slack  🔴 production: environment sample-environment could not be deleted (region_id)" in out
    assert "Teams  production: environment sample-environment could not be deleted (region_id)" in out
    assert (
        (tmp_path / "service-created.1.email.txt")
        .read_text(encoding="utf-8")
        .startswith(
            "Subject: OK: production: service checkout is active (eu-west-1)\n\n"
            "production: service checkout is active (eu-west-1).\n"
        )
    )
    assert (tmp_path / "service-created.1.slack.json").exists()
    assert (tmp_path / "service-created.1.teams.json").exists()


def test_the_demo_tells_a_day_and_ends_with_odd_events(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What happened first comes first; other samples follow by name, and hostile and incomplete ones are last."""
    names = ("service-created", "ecs-service-with-a-hostile-name", "code-pipeline-recovered", "code-pipeline-failed")
    for name in names:
        (tmp_path / f"{name}.json").write_bytes((EVENTS / f"{name}.json").read_bytes())

    main(["demo", "--events", str(tmp_path), "--out", str(tmp_path / "out")])

    assert re.findall(r"^([a-z-]+)  over", capsys.readouterr().out, re.MULTILINE) == [*reversed(names[2:]), *names[:2]]


def test_the_days_events_are_in_the_order_of_their_times() -> None:
    """They are samples that the notifier knows, of every severity; samples with odd names are no part of the day."""
    times = [event(name)["time"] for name in DAY]

    assert times == sorted(times)
    assert {notification(event(name)).severity for name in DAY} == set(Severity)
    assert [name for name in NAMES if ODD.search(name)] == [
        name for name in NAMES if re.search("hostile|unknown|longest|later-type|password|without", name)
    ]
    assert [name for name in NAMES if not ODD.search(name) and not notification(event(name)).recognised] == []


def test_a_terminal_shows_how_far_the_demo_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar counts the events that are listed above it, and is gone at the end."""
    events = some_events(tmp_path / "events")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")

    main(["demo", "--events", str(events), "--out", str(tmp_path / "out")])

    shown = re.sub(r"\x1b\[[\d;]*m", "", terminal.getvalue())
    _, *below = re.split(r"service-created|service-update-failed|environment-without-id-account-and-region", shown)
    assert [re.findall(r"(\d)/3", drawn)[0] for drawn in below] == ["1", "2", "3"]
    assert shown.rpartition("3/3")[2].startswith("\n\x1b[?25h\r\x1b[1A\x1b[2KEvery message in full")


def test_the_demo_ends_with_a_page_of_what_arrived(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each event beside its messages, failures among them; the command says where."""
    (tmp_path / "one.json").write_bytes((EVENTS / "service-created.json").read_bytes())
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "deliveries").mkdir()
    (tmp_path / "deliveries/one.json").write_bytes((EVENTS / "deliveries/several-events.json").read_bytes())

    main(["demo", "--events", str(tmp_path), "--out", str(tmp_path / "out")])

    page = tmp_path / "out/index.html"
    found = exhibits(page.read_text(encoding="ascii"))
    assert f"beside its event in {page}\n" in capsys.readouterr().out
    assert [*found] == ["broken", "one--2", "one"]
    assert "not JSON: Expecting" in found["broken"].text
    classes = [attributes.get("class") for each in found.values() for _, attributes in each.elements]
    assert [classes.count(drawing) for drawing in ("slack", "email", "teams")] == [2, 2, 1]


def test_what_teams_would_not_show_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its webhook says yes to anything, so that the function knows of nothing."""
    (tmp_path / "one.json").write_bytes((EVENTS / "service-created.json").read_bytes())
    monkeypatch.setattr(fake_teams, "SIZE_LIMIT", 1)

    status = main(["demo", "--events", str(tmp_path), "--out", str(tmp_path / "out")])

    out = capsys.readouterr().out
    assert status == 1
    assert "FAILED teams does not show it: " in out
    assert "1 event in, 1 email, 1 Slack message, 0 Teams messages, 1 failure\n" in out


def test_what_cannot_be_read_or_sent_is_counted_as_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The demo of someone's own files hides nothing and fails."""
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "no-event.json").write_text("{}", encoding="utf-8")
    other = {"id": "1", "source": "aws.s3", "detail-type": "Object Created", "resources": [], "detail": {}}
    (tmp_path / "other.json").write_text(json.dumps(other), encoding="utf-8")

    status = main(["demo", "--events", str(tmp_path), "--out", str(tmp_path / "out")])

    out = capsys.readouterr().out
    assert status == 1
    assert "FAILED not JSON" in out
    assert "FAILED event: 3 validation errors" in out
    assert "nothing: the rule does not match it, or it was sent before" in out
    assert "3 events in, 0 emails, 0 Slack messages, 0 Teams messages, 2 failures" in out


def test_a_delivery_that_fails_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The reason is that of the function's log."""
    (tmp_path / "deliveries").mkdir()
    (tmp_path / "deliveries/broken.json").write_text('{"Records": [{"body": "hello"}]}', encoding="utf-8")
    (tmp_path / "deliveries/other.json").write_text('{"Records": [{"s3": {}}]}', encoding="utf-8")

    status = main(["demo", "--events", str(tmp_path), "--out", str(tmp_path / "out")])

    out = capsys.readouterr().out
    assert status == 1
    assert "FAILED delivery not a delivery: " in out
    assert "FAILED event: 3 validation errors" in out
    assert "2 events in, 0 emails, 0 Slack messages, 0 Teams messages, 2 failures" in out


def test_messages_of_an_earlier_run_are_cleared_away(tmp_path: Path) -> None:
    """What lies in the folder is what arrived this time; other files stay."""
    events = tmp_path / "events"
    events.mkdir()
    (events / "one.json").write_bytes((EVENTS / "service-created.json").read_bytes())
    for name in ("old.1.email.txt", "old.1.slack.json", "old.1.teams.json", "notes.txt"):
        (tmp_path / name).touch()

    main(["demo", "--events", str(events), "--out", str(tmp_path)])

    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "events",
        "index.html",
        "notes.txt",
        "one.1.email.txt",
        "one.1.slack.json",
        "one.1.teams.json",
    ]


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file in the way is named."""
    in_the_way = tmp_path / "file"
    in_the_way.touch()

    assert main(["demo", "--out", str(in_the_way)]) == 1
    assert capsys.readouterr().err == f"{in_the_way}: File exists\n"


def test_a_folder_without_events_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped folder is not a demo of nothing."""
    assert main(["demo", "--events", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"{tmp_path}: there is no folder with event files here\n"


def some_events(folder: Path) -> Path:
    """Take a few samples, one of which cannot come over the bus."""
    folder.mkdir()
    for name in ("environment-without-id-account-and-region", "service-created", "service-update-failed"):
        (folder / f"{name}.json").write_bytes((EVENTS / f"{name}.json").read_bytes())
    return folder


def test_under_load_nothing_is_lost_and_it_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A storm while Slack is down and then slow: the emails are out at once, Slack has it in digests when it is up."""
    out = tmp_path / "out"

    status = main(["demo", "--storm", "40", "--slack-down", "90s", "--rate-limit", "--out", str(out)])

    shown = capsys.readouterr().out
    lines = [line for line in shown.splitlines() if re.match(r"\d\d:\d\d:\d\d  ", line)]
    assert status == 0
    assert "Time is simulated" in shown
    assert "\x1b" not in shown
    assert "00:00:05  email  40 failed in production: checkout 3, <!channel> <https: 2, and 34 others" in lines
    assert "00:00:05  Slack  40 deliveries deferred for " in shown
    assert lines[-2] == "00:01:30  Slack is up again"
    assert "  Slack  🔴 40 failed in production: checkout 3, " in lines[-1]
    counted = re.findall(r"(lost|status changes|deliveries) +(\d+) +(\d+)", shown)
    assert counted == [
        ("deliveries", "40", "40"),
        ("status changes", "40", "40"),
        ("lost", "0", "0"),
    ]
    assert "Nothing is lost, and nothing was sent twice." in shown
    assert sorted(file.name for file in out.iterdir()) == [
        "001-slack.1.slack.json",
        "002-email.1.email.txt",
        "index.html",
    ]


def test_what_slack_does_not_take_for_too_long_lies_where_a_person_looks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The queue gives up after as many attempts as the template says; that is what it is for, and no error.

    The two failures were reminded of meanwhile, the last time within the attempts that are left when Slack is up.
    """
    events = some_events(tmp_path / "events")

    status = main(["demo", "--events", str(events), "--slack-down", "48h", "--out", str(tmp_path / "out")])

    shown = capsys.readouterr().out
    assert status == 0
    assert "Slack  5 deliveries dead-lettered: received as often as the queue allows\n" in shown
    assert "Nothing is lost: 5 lie in FailedDeliveries" in shown
    assert re.search(
        "Slack  🔴 production: service checkout could not be updated, still failing after 24 h .eu-west-1.\n", shown
    )


def test_slack_takes_one_message_a_second(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What comes too soon is put off until it may come, by our patience where Slack's word is shorter."""
    events = some_events(tmp_path / "events")

    status = main(["demo", "--events", str(events), "--rate-limit", "--out", str(tmp_path / "out")])

    shown = capsys.readouterr().out
    assert status == 0
    assert "Every 15 seconds two events come in" in shown
    assert [line for line in shown.splitlines() if re.match(r"\d\d:\d\d:\d\d  (event|Slack)", line)] == [
        "00:00:00  event  → email, Slack  ✅ production: service checkout is active (eu-west-1)",
        "00:00:01  event  → email, Slack  🔴 production: service checkout could not be updated (eu-west-1)",
        "00:00:05  Slack  ✅ production: service checkout is active (eu-west-1)",
        "00:00:05  Slack  1 delivery deferred for 8 s: rate limited",
        "00:00:15  event  → email, Slack  🔴 production: environment payments-sandbox could not be deleted (eu-west-1)",
        "00:00:18  Slack  🔴 production: environment payments-sandbox could not be deleted (eu-west-1)",
        "00:00:18  Slack  1 delivery deferred for 19 s: rate limited",
        "00:00:42  Slack  🔴 production: service checkout could not be updated (eu-west-1)",
    ]


def test_an_event_that_is_none_fails_under_load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The others are sent, and the exit status says it."""
    (tmp_path / "no-event.json").write_text("{}", encoding="utf-8")
    (tmp_path / "one.json").write_bytes((EVENTS / "service-created.json").read_bytes())

    status = main(["demo", "--events", str(tmp_path), "--rate-limit", "--out", str(tmp_path / "out")])

    shown = capsys.readouterr().out
    assert status == 1
    assert "event  no-event: FAILED event: 3 validation errors" in shown
    assert "\n1 event failed.\n" in shown
    assert "Nothing is lost" not in shown
    assert "Slack  ✅ production: service checkout is active (eu-west-1)" in shown


@pytest.mark.parametrize(
    ("arguments", "status", "conclusion"),
    [
        (["--storm", "2"], 1, "2 events that the rule does not match."),
        (["--rate-limit"], 0, "There was nothing to send."),
    ],
    ids=["a storm", "the samples"],
)
def test_where_the_rule_matches_nothing_there_is_no_table(
    arguments: list[str], status: int, conclusion: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A storm should match; somebody's samples need not."""
    other = {**json.loads((EVENTS / "service-update-failed.json").read_bytes()), "source": "mine"}
    (tmp_path / "one.json").write_text(json.dumps(other), encoding="utf-8")

    assert main(["demo", "--events", str(tmp_path), *arguments, "--out", str(tmp_path / "out")]) == status
    shown = capsys.readouterr().out
    assert f"\n{conclusion}\n" in shown
    assert "Counted from" not in shown


@pytest.mark.parametrize(
    ("arguments", "text", "error"),
    [
        (["--rate-limit"], "{", "one.json: not JSON"),
        (["--storm", "3"], "{}", "no event file holds a failure of which a storm could be made"),
    ],
)
def test_without_events_there_is_no_load(
    arguments: list[str], text: str, error: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong is said before anything begins."""
    (tmp_path / "one.json").write_text(text, encoding="utf-8")

    assert main(["demo", "--events", str(tmp_path), *arguments, "--out", str(tmp_path / "out")]) == 1
    assert error in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flag", "value", "error"),
    [
        ("--slack-down", "30x", "must be a number of seconds, minutes, hours or days, as in 30s, 5m, 2h or 3d"),
        ("--slack-down", "0s", "must be longer than 0s"),
        ("--slack-down", "00h", "must be longer than 0s"),
        ("--storm", "0", "must be a number from 1 to 10000"),
        ("--storm", "10001", "must be a number from 1 to 10000"),
        ("--storm", "many", "must be a number from 1 to 10000"),
    ],
)
def test_a_bad_value_names_its_flag(flag: str, value: str, error: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As argparse has it."""
    with pytest.raises(SystemExit) as ended:
        main(["demo", flag, value])

    assert ended.value.code == 2
    assert f"argument {flag}: {error}\n" in capsys.readouterr().err
