import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from rich.text import Text

from proton_notifier.demo import command
from proton_notifier.demo.command import DAY, ODD
from proton_notifier.demo.live_view import screen_console, show_line
from proton_notifier.fakes import teams as fake_teams
from proton_notifier.main import main
from tests.cli.gallery.reading import exhibits
from tests.samples import EVENTS, NAMES, event, notification
from tests.terminals import Terminal

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SUCCESS = (EVENTS / "service-created.json").read_text(encoding="utf-8")
# Ends the process at the first line, and tells what is imported by then.
FIRST_LINE = """
import os, sys
from proton_notifier.main import main

class Output:
    def write(self, text):
        os.write(1, text.encode())
    def flush(self):
        os.write(1, f"{'moto' in sys.modules} {'boto3' in sys.modules}".encode())
        os._exit(0)

sys.stdout = Output()
main(["demo", "--out", sys.argv[1]])
"""


def test_the_demo_tells_a_day_on_one_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A failure with its recovery, an approval and an alarm, then the thread, the counts, and where the pages are."""
    status = main(["demo", "--out", str(tmp_path)])

    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert len(lines) <= 40
    assert "\x1b" not in out
    assert [line[:5] for line in lines if re.match(r"\d\d:\d\d  ", line)] == [
        event(name)["time"][11:16] for name in DAY
    ]
    quoted = README.partition("The demo shows")[2].split("```")[1].strip().splitlines()
    assert [line for line in quoted if line not in lines] == []
    told = [(line, said) for line, said in pairwise(lines) if said.startswith("       → ")]
    assert len(told) == len(DAY)
    assert re.match(r"10:19  🟢 .*checkout-prod.* recovered after 51 min", told[-2][0])
    assert told[-2][1] == "       → Slack reply with broadcast, Slack edit, email, Teams"
    thread = [line for line in lines if line.startswith(("   ├ ", "   └ "))]
    assert [line[:10] for line in thread] == [
        *[f"   ├ {at}" for at in ("09:34", "09:34", "09:34", "10:19")],
        "   └ 10:20",
    ]
    first_message = lines[lines.index(thread[0]) - 1]
    assert first_message.strip() == told[-2][0].partition("  ")[2]
    assert re.fullmatch(r"events: 12, messages: \d+, incidents: 4, open: 0", lines[-2])
    assert lines[-1] == f"The same, and each of {len(NAMES) + 3} files beside its messages: {tmp_path}/index.html"
    shown = exhibits((tmp_path / "index.html").read_text(encoding="ascii"))
    assert len(shown) > len(NAMES) + 3
    assert any("recovered after 51 min" in each.words for each in shown.values())


def test_the_first_line_comes_before_the_imports_that_take_seconds(tmp_path: Path) -> None:
    """So that nobody looks at an empty screen."""
    done = subprocess.run([sys.executable, "-c", FIRST_LINE, str(tmp_path)], check=True, capture_output=True, text=True)

    assert done.stdout == f"{command.BEGINNING}\nFalse False"


def test_all_lists_every_sample_event(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each comes through the stack, as the first of its resource; hostile and incomplete ones are last."""
    status = main(["demo", "--all", "--out", str(tmp_path)])

    out, err = capsys.readouterr()
    listed = re.findall(r"^[-\d]+ [:\d]+  ([a-z-]+)\.json  ", out, re.MULTILINE)
    odd = [name for name in NAMES if ODD.search(name)]
    assert (status, err) == (0, "")
    assert listed == [*(name for name in NAMES if name not in odd), *odd]
    assert len(re.findall("deployments (?:post|reply)", out)) == len(NAMES)
    failed = [name for name in NAMES if notification(event(name)).severity in {"failure", "action"}]
    assert len(re.findall("email publish", out)) == len(re.findall("teams post", out)) >= len(failed)
    assert f"events: {len(NAMES)}, " in out


def test_a_folder_of_events_is_played_event_by_event(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A failure and the success after it have nothing to do with each other; unreadable files are named, and fail."""
    for name in ("code-pipeline-failed", "code-pipeline-recovered", "service-created"):
        (tmp_path / f"{name}.json").write_bytes((EVENTS / f"{name}.json").read_bytes())
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    other = {"id": "1", "source": "aws.s3", "detail-type": "Object Created", "resources": [], "detail": {}}
    (tmp_path / "other.json").write_text(json.dumps(other), encoding="utf-8")

    status = main(["demo", "--events", str(tmp_path), "--out", str(tmp_path / "out")])

    out, err = capsys.readouterr()
    assert status == 1
    assert "broken.json: not JSON: " in err
    assert "other.json: " in err
    assert len(re.findall("deployments post", out)) == 3
    assert "recovered after" not in out
    assert "events: 4, messages: 7, incidents: 1, open: 0\n" in out


def test_a_folder_without_a_readable_event_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is played."""
    (tmp_path / "no-event.json").write_text("{}", encoding="utf-8")

    assert main(["demo", "--events", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "no-event.json: not an EventBridge event: " in capsys.readouterr().err


def test_the_page_shows_each_file_beside_its_messages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Several events of one file are one digest; errors are shown, too."""
    (tmp_path / "one.json").write_bytes((EVENTS / "service-created.json").read_bytes())
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "deliveries").mkdir()
    (tmp_path / "deliveries/several.json").write_bytes((EVENTS / "deliveries/several-events.json").read_bytes())

    main(["demo", "--events", str(tmp_path), "--out", str(tmp_path / "out")])

    found = exhibits((tmp_path / "out/index.html").read_text(encoding="ascii"))
    assert "Each of 3 files beside its messages: " in capsys.readouterr().out
    assert [*found] == ["broken", "several", "one"]
    assert "not JSON: Expecting" in found["broken"].text
    assert "production (123456789012)" in found["one"].words
    assert "3 failed in production: checkout 2, orders-table 1; 1 recovered" in found["several"].words


def test_what_teams_would_not_show_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its webhook says yes to anything, so that the function knows of nothing."""
    (tmp_path / "one.json").write_bytes((EVENTS / "service-update-failed.json").read_bytes())
    monkeypatch.setattr(fake_teams, "SIZE_LIMIT", 1)

    status = main(["demo", "--events", str(tmp_path), "--out", str(tmp_path / "out")])

    assert status == 1
    assert capsys.readouterr().err.startswith("teams does not show it: ")


@pytest.mark.parametrize(("width", "shown"), [(60, f"{'x' * 60}\n{'x' * 40}"), (80, f"{'x' * 79}…"), (120, "x" * 100)])
def test_a_terminal_cuts_a_line_and_a_file_does_not(
    width: int, shown: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line of a file may be longer than a screen is wide; a narrow terminal would cut too much."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    show_line(screen_console(), Text("x" * 200))
    assert capsys.readouterr().out == f"{'x' * 200}\n"
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)

    show_line(screen_console(), Text("x" * 100))

    assert terminal.getvalue() == f"{shown}\n"


def test_the_days_events_are_in_the_order_of_their_times() -> None:
    """They are samples; those with odd names are no part of the day."""
    times = [event(name)["time"] for name in DAY]

    assert times == sorted(times)
    assert [name for name in NAMES if ODD.search(name)] == [
        name for name in NAMES if re.search("hostile|unknown|longest|later-type|password|without", name)
    ]
    assert [name for name in NAMES if not ODD.search(name) and not notification(event(name)).recognised] == []


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
    """Take a few samples, one of which has an incomplete envelope."""
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
    assert len(shown.splitlines()) <= 40
    assert "\x1b" not in shown
    assert "00:00:05  email  🔴 40 failed in production: checkout 20, invoices 13, orders 7" in lines
    assert "00:00:05  Slack  40 deliveries deferred for " in shown
    assert lines[-2] == "00:01:30  Slack is up again"
    assert "  Slack  🔴 40 failed in production: checkout 20, invoices 13, orders 7" in lines[-1]
    counted = re.findall(r"(lost|status changes|deliveries) +(\d+) +(\d+)", shown)
    assert counted == [
        ("deliveries", "40", "40"),
        ("status changes", "40", "40"),
        ("lost", "0", "0"),
    ]
    assert "Nothing is lost, and nothing was sent twice." in shown
    assert [file.name for file in out.iterdir()] == ["index.html"]


def test_the_day_with_a_slow_slack_is_one_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its first events, in pairs."""
    status = main(["demo", "--rate-limit", "--out", str(tmp_path)])

    lines = capsys.readouterr().out.splitlines()
    assert status == 0
    assert len(lines) <= 40
    assert len([line for line in lines if line[10:15] == "event"]) == command.SEQUENCE_LENGTH


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
    assert re.search("Slack  🔴 .*checkout could not be updated, still failing after 24 h", shown)


def test_slack_takes_one_message_a_second(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A message that comes too soon is deferred: for Slack's Retry-After, or for our backoff if that is longer."""
    events = some_events(tmp_path / "events")

    status = main(["demo", "--events", str(events), "--rate-limit", "--out", str(tmp_path / "out")])

    shown = capsys.readouterr().out
    assert status == 0
    assert "Two events come in every 15 seconds" in shown
    assert [line for line in shown.splitlines() if re.match(r"\d\d:\d\d:\d\d  (event|Slack)", line)] == [
        "00:00:00  event  🔴 production: environment payments-sandbox could not be deleted (eu-west-1)",
        "00:00:01  event  ✅ production: service checkout is active (eu-west-1)",
        "00:00:05  Slack  🔴 production: environment payments-sandbox could not be deleted (eu-west-1)",
        "00:00:05  Slack  1 delivery deferred for 8 s: rate limited",
        "00:00:15  event  🔴 production: service checkout could not be updated (eu-west-1)",
        "00:00:18  Slack  ✅ production: service checkout is active (eu-west-1)",
        "00:00:18  Slack  1 delivery deferred for 10 s: rate limited",
        "00:00:33  Slack  🔴 production: service checkout could not be updated (eu-west-1)",
    ]


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
        (["--rate-limit"], "{}", "one.json: not an EventBridge event: "),
        (["--storm", "3"], SUCCESS, "no event file has a failure from which a storm can be made"),
    ],
)
def test_without_events_there_is_no_load(
    arguments: list[str], text: str, error: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error is printed before anything begins."""
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
