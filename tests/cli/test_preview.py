import json
import os
import re
import resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from notifier.channels import CHANNEL_TYPES
from proton_notifier.main import main
from tests.samples import EVENTS, NAMES, TRIAL, event

FAILURE = str(EVENTS / "service-instance-deployment-failed.json")


def preview(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run the command; return its exit status, output and errors."""
    status = main(["preview", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Each object has just these fields, in the words of the documentation."""
    files = [str(EVENTS / f"{name}.json") for name in NAMES]

    status, out, _ = preview(capsys, "--output", "json", *files)

    shown = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [entry["file"] for entry in shown] == files
    for entry in shown:
        assert list(entry) == ["file", "id", "resource_type", "severity", "title", "messages"]
        assert list(entry["messages"]) == sorted(CHANNEL_TYPES)
        assert list(entry["messages"]["sns"]) == ["Subject", "Message"]


def test_json_says_what_would_be_sent(capsys: pytest.CaptureFixture[str]) -> None:
    """The values of one event."""
    _, out, _ = preview(capsys, "--output", "json", FAILURE)

    shown = json.loads(out)
    assert shown["id"] == event("service-instance-deployment-failed")["id"]
    assert shown["resource_type"] == "ServiceInstance"
    assert shown["severity"] == "failure"
    assert shown["title"] == "Service instance checkout/prod could not be deployed"
    assert shown["messages"]["slack"]["blocks"][0]["type"] == "header"
    assert shown["messages"]["sns"]["Subject"].startswith("FAILED: Service instance checkout/prod")


@pytest.mark.parametrize("channel", sorted(CHANNEL_TYPES))
def test_one_channel_can_be_asked_for(channel: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The others are left out."""
    _, out, _ = preview(capsys, "--output", "json", "--channel", channel, FAILURE)

    assert list(json.loads(out)["messages"]) == [channel]


def test_text_draws_a_teams_card(capsys: pytest.CaptureFixture[str]) -> None:
    """Every line of the card, and where its button leads."""
    _, out, _ = preview(capsys, "--channel", "teams", FAILURE)

    assert "╭─ Teams ─" in out
    assert "│ Service instance checkout/prod could not be deployed   " in out
    assert "│ Status: IN_PROGRESS → FAILED   " in out
    assert "│ Open in the Proton console:   " in out


def test_text_draws_the_messages(capsys: pytest.CaptureFixture[str]) -> None:
    """Markup, entities and date tokens are shown as a reader would see them."""
    status, out, _ = preview(capsys, str(EVENTS / "component-with-a-hostile-name.json"))

    assert status == 0
    assert '🔴 Component <!channel> <https://evil.example|click> *"} & quoted 🔥' in out
    assert "Status: IN_PROGRESS → FAILED" in out
    assert "Time: 2026-03-08 08:51:37 UTC" in out
    assert "https://console.aws.amazon.com/proton/#/components" in out
    assert 'FAILED: Component <!channel> <htt..."} & `quoted` ? could not be deployed' in out


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ('{"source": ', "not JSON: Expecting value: line 1 column 12 (char 11)"),
        ("[" * 100_000, "not JSON: "),
        ("\xff", "not JSON: "),
        ("[]", "not an EventBridge event: it is no JSON object"),
        (json.dumps({**TRIAL, "detail": {}}), "not an EventBridge event: stack: "),
        ("{}", "not an EventBridge event: source: Field required; detail-type: Field required; detail: Field required"),
    ],
)
def test_an_unreadable_file_says_why_after_all_others_are_shown(
    content: str, error: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One broken file of many does not hide the others, and the exit status tells."""
    broken = tmp_path / "broken.json"
    broken.write_text(content, encoding="latin-1")

    status, out, _ = preview(capsys, "--output", "json", str(broken), FAILURE)

    first, second = (json.loads(line) for line in out.splitlines())
    assert status == 1
    assert list(first) == ["file", "error"]
    assert first["file"] == str(broken)
    assert first["error"].startswith(error)
    assert second["severity"] == "failure"


def test_a_missing_file_is_named_in_text_too(capsys: pytest.CaptureFixture[str]) -> None:
    """Errors go where errors go."""
    status, out, err = preview(capsys, "no-such.json", FAILURE)

    assert status == 1
    assert err == "no-such.json: No such file or directory\n"
    assert "could not be deployed" in out


def test_html_is_a_page_of_every_file(capsys: pytest.CaptureFixture[str]) -> None:
    """It goes to standard output, so that it can be piped into a file."""
    status, out, err = preview(capsys, "--output", "html", FAILURE, str(EVENTS / "service-created.json"))

    assert (status, err) == (0, "")
    assert out.startswith("<!DOCTYPE html>")
    assert re.findall('<article class="exhibit" id="([^"]+)"', out) == [
        "service-instance-deployment-failed",
        "service-created",
    ]


def test_an_unreadable_file_is_on_the_page_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside the others, on standard error and by the exit status; the page goes where it is asked to go."""
    page = tmp_path / "page.html"

    status, out, err = preview(capsys, "--output", "html", "--out", str(page), "no-such.json", FAILURE)

    written = page.read_text(encoding="ascii")
    assert (status, out, err) == (1, "", "no-such.json: No such file or directory\n")
    assert '<p class="error-note">No such file or directory</p>' in written
    assert 'id="service-instance-deployment-failed"' in written


@pytest.mark.parametrize("output", ["html", "json", "text"])
def test_a_page_that_cannot_be_written_is_an_error(output: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever it would have held."""
    status, out, err = preview(capsys, "--output", output, "--out", "no/such/folder", FAILURE)

    assert (status, out, err) == (1, "", "no/such/folder: No such file or directory\n")


def test_a_full_device_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """What is written may fail as late as at the end."""
    status, out, err = preview(capsys, "--out", "/dev/full", FAILURE)

    assert (status, out, err) == (1, "", "/dev/full: No space left on device\n")


@pytest.mark.parametrize("output", ["html", "json", "text"])
def test_a_page_stays_when_no_event_can_be_read(
    output: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped name does not cost what was there."""
    page = tmp_path / "page.html"
    page.write_text("an earlier page", encoding="ascii")

    status, out, err = preview(capsys, "--output", output, "--out", str(page), "no-such.json", os.devnull)

    assert (status, out) == (1, "")
    assert err.splitlines()[0] == "no-such.json: No such file or directory"
    assert err.splitlines()[1].startswith("/dev/null: not JSON")
    assert page.read_text(encoding="ascii") == "an earlier page"


def test_a_page_stays_when_the_disk_fills(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also where the page is linked to; nothing is left beside it, and next time it is replaced."""
    page, link = tmp_path / "page.html", tmp_path / "link.html"
    page.write_text("an earlier page", encoding="ascii")
    link.symlink_to(page)
    arguments = ("--output", "html", "--out", str(link), FAILURE)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        status, _, err = preview(capsys, *arguments)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert (status, err) == (1, f"{link}: File too large\n")
    assert page.read_text(encoding="ascii") == "an earlier page"
    assert preview(capsys, *arguments)[0] == 0
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert sorted(tmp_path.iterdir()) == [link, page]
    assert link.is_symlink()


def test_what_is_written_may_be_a_pipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is not replaced by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as reading:
        written = reading.submit(pipe.read_text)
        status, out, err = preview(capsys, "--output", "json", "--out", str(pipe), FAILURE)

    assert (status, out, err) == (0, "", "")
    assert json.loads(written.result())["severity"] == "failure"


ROUTES = """
[destinations.shop]
type = "slack"
webhook = "x/shop"

[destinations.all]
type = "slack"
webhook = "x/all"

[[routes]]
match = { service = "checkout" }
to = ["shop"]
title = "The shop: ${ status }"
mention = { failure = "@here" }

[[routes]]
to = ["all", "email"]
"""


@pytest.fixture
def routes(tmp_path: Path) -> Path:
    """Write a routes document."""
    file = tmp_path / "routes.toml"
    file.write_text(ROUTES, encoding="utf-8")
    return file


def test_a_routes_own_words_are_shown_by_destination(routes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What each would get, whom it mentions included."""
    status, out, _ = preview(capsys, "--output", "json", "--routes", str(routes), FAILURE)

    messages = json.loads(out)["messages"]
    assert status == 0
    assert list(messages) == ["shop", "all", "email"]
    assert [block["text"]["text"] for block in messages["shop"]["blocks"]] == ["🔴 The shop: FAILED", "<!here>"]
    assert messages["all"]["blocks"][0]["text"]["text"] == "🔴 Service instance checkout/prod could not be deployed"


def test_the_channel_still_chooses(routes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In text, each message stands under its destination's name."""
    _, out, _ = preview(capsys, "--channel", "slack", "--routes", str(routes), FAILURE)

    assert [line for line in out.splitlines() if line in {"shop", "all", "email"}] == ["shop", "all"]


def test_routes_that_cannot_be_used_are_told(routes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With line and place; nothing is shown."""
    routes.write_text(ROUTES.replace("${ status }", "${ statsu }"), encoding="utf-8")

    status, out, err = preview(capsys, "--routes", str(routes), FAILURE)

    assert (status, out) == (1, "")
    assert err.startswith(f"{routes}:13: routes[1].title: line 1: statsu is not known here; known are account")
    assert preview(capsys, "--routes", "none.toml", FAILURE) == (1, "", "none.toml: No such file or directory\n")
