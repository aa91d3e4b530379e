import json
import os
import re
import resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from notifier.channels import CHANNEL_TYPES
from proton_notifier.main import main
from tests.cli.gallery.reading import exhibits
from tests.samples import EVENTS, NAMES, STUCK, TRIAL, event

FAILURE = str(EVENTS / "service-instance-deployment-failed.json")


def preview(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run the command; return its exit status, output and errors."""
    status = main(["preview", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Each object has the fields that the documentation lists."""
    files = [str(EVENTS / f"{name}.json") for name in NAMES]

    status, out, _ = preview(capsys, "--output", "json", *files)

    shown = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [entry["file"] for entry in shown] == files
    for entry in shown:
        assert list(entry) == ["file", "id", "resource_type", "severity", "title", "messages"]
        assert list(entry["messages"]) == sorted(CHANNEL_TYPES)
        assert list(entry["messages"]["sns"]) == ["Subject", "Message"]


def test_json_has_the_messages(capsys: pytest.CaptureFixture[str]) -> None:
    """One event is compared by its values."""
    _, out, _ = preview(capsys, "--output", "json", FAILURE)

    shown = json.loads(out)
    assert shown["id"] == event("service-instance-deployment-failed")["id"]
    assert shown["resource_type"] == "ServiceInstance"
    assert shown["severity"] == "failure"
    assert shown["title"] == "123456789012: checkout/prod could not be deployed (eu-west-1)"
    assert shown["messages"]["slack"]["blocks"][0]["type"] == "header"
    assert shown["messages"]["sns"]["Subject"].startswith("FAILED: 123456789012: checkout/prod")


@pytest.mark.parametrize("channel", sorted(CHANNEL_TYPES))
def test_one_channel_can_be_chosen(channel: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The other channels are left out."""
    _, out, _ = preview(capsys, "--output", "json", "--channel", channel, FAILURE)

    assert list(json.loads(out)["messages"]) == [channel]


def test_text_draws_a_teams_card(capsys: pytest.CaptureFixture[str]) -> None:
    """It has every line of the card, and the target of the button."""
    _, out, _ = preview(capsys, "--channel", "teams", FAILURE)

    assert "╭─ Teams ─" in out
    assert "│ 123456789012: checkout/prod could not be deployed (eu-west-1)   " in out
    assert "│ Status: IN_PROGRESS → FAILED   " in out
    assert "│ Open in the Proton console:   " in out


@pytest.mark.parametrize("channel", ["slack", "sns", "teams"])
def test_text_draws_reason_and_command(channel: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The reason comes before what to do, and the command is shown without its marks."""
    file = tmp_path / "stuck.json"
    file.write_text(json.dumps(STUCK))

    _, out, _ = preview(capsys, "--channel", channel, str(file))

    words = " ".join(re.sub("[│─╭╮╰╯]", " ", out).split())
    assert "could not be updated, and the rollback failed: Database (AWS::RDS::DBInstance) - Cannot upgrade" in words
    assert words.index("14.2") < words.index("1. Fix the resource") < words.index("aws cloudformation")


@pytest.mark.parametrize("channel", sorted(CHANNEL_TYPES))
def test_markup_in_an_event_is_text(channel: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A list of resources in brackets, the end of a style that never began, the name of an emoji, a product."""
    file = tmp_path / ":fire:.json"
    reason = "[bucket] [/red] :fire: 2*3*4"
    stuck = {
        **STUCK,
        "detail": {**STUCK["detail"], "status-details": {"status": "UPDATE_FAILED", "status-reason": reason}},
    }
    file.write_text(json.dumps(stuck))

    status, out, _ = preview(capsys, "--channel", channel, str(file))

    assert status == 0
    assert reason in " ".join(re.sub("[│─╭╮╰╯]", " ", out).split())
    assert file.name in out.replace("\n", "")


def test_text_draws_the_messages(capsys: pytest.CaptureFixture[str]) -> None:
    """Markup, entities and date tokens are shown as a reader would see them."""
    status, out, _ = preview(capsys, str(EVENTS / "component-with-a-hostile-name.json"))

    assert status == 0
    assert 'component <!channel> <https://evil.example|click> *"' in out
    assert "Status: IN_PROGRESS → FAILED" in out
    assert "Time: 2026-03-08 08:51:37 UTC" in out
    assert "https://console.aws.amazon.com/proton/#/components" in out
    assert "FAILED: 123456789012: component <!channel>" in out


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
def test_an_unreadable_file_does_not_hide_the_others(
    content: str, error: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its error is printed, and the exit status is 1."""
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
    """Its error goes to standard error."""
    status, out, err = preview(capsys, "no-such.json", FAILURE)

    assert status == 1
    assert err == "no-such.json: No such file or directory\n"
    assert "could not be deployed" in out


def test_html_is_a_page_of_every_file(capsys: pytest.CaptureFixture[str]) -> None:
    """It goes to standard output, so that it can be piped into a file."""
    status, out, err = preview(capsys, "--output", "html", FAILURE, str(EVENTS / "service-created.json"))

    assert (status, err) == (0, "")
    assert out.startswith("<!DOCTYPE html>")
    assert [*exhibits(out)] == [
        "service-instance-deployment-failed",
        "service-created",
    ]


def test_an_unreadable_file_is_on_the_page_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its error is on the page and on standard error, and the exit status is 1."""
    page = tmp_path / "page.html"

    status, out, err = preview(capsys, "--output", "html", "--out", str(page), "no-such.json", FAILURE)

    shown = exhibits(page.read_text(encoding="ascii"))
    assert (status, out, err) == (1, "", "no-such.json: No such file or directory\n")
    assert "No such file or directory" in shown["no-such"].words
    assert "service-instance-deployment-failed" in shown


@pytest.mark.parametrize("output", ["html", "json", "text"])
def test_a_page_that_cannot_be_written_is_an_error(output: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The error is the same for every format."""
    status, out, err = preview(capsys, "--output", output, "--out", "no/such/folder", FAILURE)

    assert (status, out, err) == (1, "", "no/such/folder: No such file or directory\n")


def test_a_full_device_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Writing may fail as late as at the end."""
    status, out, err = preview(capsys, "--out", "/dev/full", FAILURE)

    assert (status, out, err) == (1, "", "/dev/full: No space left on device\n")


@pytest.mark.parametrize("output", ["html", "json", "text"])
def test_a_page_stays_when_no_event_can_be_read(
    output: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped file name does not overwrite an earlier page."""
    page = tmp_path / "page.html"
    page.write_text("an earlier page", encoding="ascii")

    status, out, err = preview(capsys, "--output", output, "--out", str(page), "no-such.json", os.devnull)

    assert (status, out) == (1, "")
    assert err.splitlines()[0] == "no-such.json: No such file or directory"
    assert err.splitlines()[1].startswith("/dev/null: not JSON")
    assert page.read_text(encoding="ascii") == "an earlier page"


def test_a_page_stays_when_the_disk_fills(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The earlier page stays, also behind a symbolic link, and the next run replaces it."""
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


def test_the_output_may_be_a_pipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe is not replaced by a file."""
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


def test_templates_and_mentions_of_routes_are_shown_by_destination(
    routes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each destination has its own message."""
    status, out, _ = preview(capsys, "--output", "json", "--routes", str(routes), FAILURE)

    messages = json.loads(out)["messages"]
    assert status == 0
    assert list(messages) == ["shop", "all", "email"]
    assert [block["text"]["text"] for block in messages["shop"]["blocks"][:2]] == ["🔴 The shop: FAILED", "<!here>"]
    assert (
        messages["all"]["blocks"][0]["text"]["text"]
        == "🔴 123456789012: checkout/prod could not be deployed (eu-west-1)"
    )


def test_the_names_of_accounts_are_those_of_the_routes(routes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The stack takes them from there, too."""
    with routes.open("a", encoding="utf-8") as file:
        file.write('[accounts]\n123456789012 = "checkout team"\n')

    _, out, _ = preview(capsys, "--routes", str(routes), FAILURE)

    assert "checkout team (123456789012)" in out


def test_the_channel_can_be_chosen_with_routes_too(routes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In text, the name of its destination stands above each message."""
    _, out, _ = preview(capsys, "--channel", "slack", "--routes", str(routes), FAILURE)

    assert [line for line in out.splitlines() if line in {"shop", "all", "email"}] == ["shop", "all"]


def test_an_event_that_goes_to_nobody_has_no_message(routes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Otherwise the reader would wait for one."""
    routes.write_text('[[routes]]\nmatch = { service = "other" }\nto = ["email"]\n', encoding="utf-8")

    status, out, _ = preview(capsys, "--routes", str(routes), FAILURE)

    assert (status, out.splitlines()[-1]) == (0, "no message")


def test_broken_routes_are_reported(routes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The error names line and place, and nothing is shown."""
    routes.write_text(ROUTES.replace("${ status }", "${ statsu }"), encoding="utf-8")

    status, out, err = preview(capsys, "--routes", str(routes), FAILURE)

    assert (status, out) == (1, "")
    assert err.startswith(f"{routes}:13: routes[1].title: line 1: statsu is not known here; known are account")
    assert preview(capsys, "--routes", "none.toml", FAILURE) == (1, "", "none.toml: No such file or directory\n")
