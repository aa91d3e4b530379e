import json
import re
from pathlib import Path

import pytest

from cli import teams_standin
from cli.main import main
from tests.cli.gallery.reading import read
from tests.samples import EVENTS, NAMES

COUNTS = r"(\d+) events in, (\d+) emails, (\d+) Slack messages, (\d+) Teams messages, (\d+) failures"


def test_the_demo_shows_every_sample_event(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each file arrives as an email, a Slack message and a Teams card, and the counts say so."""
    status = main(["demo", "--out", str(tmp_path)])

    out = capsys.readouterr().out
    batches = len(list(EVENTS.glob("deliveries/*.json")))
    counts = re.search(COUNTS, out)
    assert status == 0
    assert counts
    # Of the three batches, one is a single email, one a message for each destination, one a digest for each.
    assert [int(count) for count in counts.groups()] == [
        len(NAMES) + batches,
        len(NAMES) + 3,
        len(NAMES) + 2,
        len(NAMES),
        0,
    ]
    assert "email  FAILED: Environment sample-environment could not be deleted (production, region_id)" in out
    assert "Slack  🔴 Environment sample-environment could not be deleted" in out
    assert "Teams  Environment sample-environment could not be deleted" in out
    assert (
        (tmp_path / "service-created.1.email.txt")
        .read_text(encoding="utf-8")
        .startswith("Subject: OK: Service checkout is active (production, eu-west-1)\n\nService checkout is active.\n")
    )
    assert (tmp_path / "service-created.1.slack.json").exists()
    assert (tmp_path / "service-created.1.teams.json").exists()


def test_the_demo_ends_with_a_page_of_what_arrived(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each event beside its messages, failures among them; the command says where."""
    (tmp_path / "one.json").write_bytes((EVENTS / "service-created.json").read_bytes())
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "deliveries").mkdir()
    (tmp_path / "deliveries/one.json").write_bytes((EVENTS / "deliveries/several-events.json").read_bytes())

    main(["demo", "--events", str(tmp_path), "--out", str(tmp_path / "out")])

    page = tmp_path / "out/index.html"
    found = read(page.read_text(encoding="ascii"))
    assert f"beside its event in {page}\n" in capsys.readouterr().out
    assert [attributes["id"] for name, attributes in found.elements if name == "article"] == ["broken", "one--2", "one"]
    assert "not JSON: Expecting" in found.text
    classes = [attributes.get("class") for _, attributes in found.elements]
    assert [classes.count(drawing) for drawing in ("slack", "email", "teams")] == [2, 2, 1]


def test_what_teams_would_not_show_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its webhook says yes to anything, so that the function knows of nothing."""
    (tmp_path / "one.json").write_bytes((EVENTS / "service-created.json").read_bytes())
    monkeypatch.setattr(teams_standin, "SIZE_LIMIT", 1)

    status = main(["demo", "--events", str(tmp_path), "--out", str(tmp_path / "out")])

    out = capsys.readouterr().out
    assert status == 1
    assert "FAILED teams does not show it: " in out
    assert "1 events in, 1 emails, 1 Slack messages, 0 Teams messages, 1 failures" in out


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
