import io
import json
import sys
from pathlib import Path

import pytest

from proton_notifier.main import main
from tests.samples import EVENTS, event

FAILURE = str(EVENTS / "service-instance-deployment-failed.json")
SUCCESS = str(EVENTS / "service-instance-deployed.json")
DOCUMENT = """[destinations.payments]
type = "slack"
webhook = "proton-notifier/payments"

[accounts]
123456789012 = "production"

[[routes]]
name = "production"
match = { severity = "failure", account = "production" }
to = ["payments", "email"]
final = true
mention = { failure = "@here" }

[[routes]]
match.environment = "*"
to = ["email"]

[[routes]]
not.service = "invoices"
to = ["slack"]
quiet_hours = { from = "22:00", to = "07:00", time_zone = "UTC" }
"""
SILENCE = """
[[silences]]
match.service = "checkout"
until = 2026-12-01T08:00:00Z
reason = "planned <migration>"
by = "jo"
"""


def routes(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run the command; return its exit status, output and errors, without the spaces that fill lines up."""
    status = main(["routes", *arguments])
    captured = capsys.readouterr()
    return status, "\n".join(map(str.rstrip, captured.out.splitlines())), captured.err


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Write the document into a file."""
    written = tmp_path / "routes.toml"
    written.write_text(DOCUMENT, encoding="utf-8")
    return written


@pytest.mark.parametrize("command", ["check", "test", "show", "push"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """--help is enough to use it."""
    with pytest.raises(SystemExit) as ended:
        main(["routes", command, "--help"])

    assert ended.value.code == 0
    assert f"usage: notifier routes {command}" in capsys.readouterr().out


def test_a_sound_document_is_counted(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody sees that it was read."""
    assert routes(capsys, "check", str(file)) == (0, "valid: 1 destination, 3 routes", "")


def test_each_problem_is_a_line_that_editors_understand(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """File, line, key, what is wrong and what is allowed; the exit status tells."""
    file.write_text(DOCUMENT.replace("final", "fnal").replace('["slack"]', '["slak"]'), encoding="utf-8")

    assert routes(capsys, "check", str(file)) == (
        1,
        "",
        (
            f"{file}:12: routes[1].fnal: is not known here; a key must be one of name, match, not, to, final, mention, "
            'quiet_hours, title, body, runbook, escalate; did you mean "final"?\n'
            f"{file}:21: routes[3].to[1]: there is no destination of this name; it must be one of email, payments, "
            'slack; did you mean "slack"?\nnot valid: 2 problems\n'
        ),
    )


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("", "valid: no routes, so those of the stack apply"),
        ("[accounts]\n123456789012 = 'shop'\n", "valid: no routes, so those of the stack apply"),
        (
            "[destinations.a]\ntype = 'slack'\nwebhook = 'a/b'\n",
            "valid, 1 warning: 1 destination, no routes, so those of the stack apply",
        ),
        (SILENCE, "valid, 1 warning: 1 silence, no routes, so those of the stack apply"),
        (DOCUMENT + SILENCE, "valid, 1 warning: 1 destination, 3 routes, 1 silence"),
    ],
    ids=["empty", "names", "unused", "over", "whole"],
)
def test_the_last_line_says_what_applies(text: str, last: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A document without routes changes nothing about who receives what."""
    file.write_text(text.replace("2026", "2020"), encoding="utf-8")

    assert routes(capsys, "check", str(file))[:2] == (0, last)


@pytest.mark.parametrize(
    "text",
    [
        '[destinations."\\u001b[2J"]\ntype = "slack"\n[[routes]]\nto = ["slak"]\n',
        '[destinations.a]\ntype = "\\u009b2J"\n"\\u001b]0;x\\u0007" = 1\n',
        '[[routes]]\nto = ["email"]\nname = "\\u001b[2J"\nfinal = true\n[[routes]]\nto = ["email"]\n',
        '[[routes]]\nto = ["\\u202e\\u001b"]\nmention = { "\\u001b" = "@here" }\n',
        "\x1b",
        "a = \x7f",
    ],
)
def test_nothing_in_a_document_acts_on_a_terminal(text: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor do the names of destinations that it has in a list."""
    file.write_text(text, encoding="utf-8")

    _, out, err = routes(capsys, "check", str(file))

    assert all(character.isprintable() or character == "\n" for character in out + err)
    assert err


def test_a_text_that_is_no_toml_has_no_place_but_a_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing stands between the line and the message."""
    file.write_text("[[routes]]\nto = nobody\n", encoding="utf-8")

    assert routes(capsys, "check", str(file)) == (
        1,
        "",
        f"{file}:2: this is not TOML, at column 6: Invalid value\nnot valid: 1 problem\n",
    )


def test_what_is_said_in_vain_is_a_warning(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The document can be used all the same."""
    text = DOCUMENT.replace('"payments", ', "").replace("[[routes]]\nmatch.env", SILENCE + "[[routes]]\nmatch.env")
    file.write_text(text.replace("2026", "2020"), encoding="utf-8")

    assert routes(capsys, "check", str(file)) == (
        0,
        "valid, 2 warnings: 1 destination, 3 routes, 1 silence",
        (
            f"{file}:1: warning: destinations.payments: is used by no route\n"
            f"{file}:16: warning: silences[1]: is over and can be deleted\n"
        ),
    )


def test_a_document_can_come_through_a_pipe(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from `aws ssm get-parameter`."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"[[routes]]\nto = ['nobody']\n")))

    assert routes(capsys, "check", "-") == (
        1,
        "",
        (
            "-:2: routes[1].to[1]: there is no destination of this name; it must be one of email, slack\n"
            "not valid: 1 problem\n"
        ),
    )


@pytest.mark.parametrize("command", [["check"], ["test", FAILURE]])
def test_a_file_that_cannot_be_read_is_named(
    command: list[str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Missing, or in another encoding."""
    name, *events = command
    file.write_text("# é", encoding="latin-1")

    assert routes(capsys, name, "no-such.toml", *events) == (1, "", "no-such.toml: No such file or directory\n")
    assert routes(capsys, name, str(file), *events) == (
        1,
        "",
        f"{file}: not UTF-8: unexpected end of data at byte 3\n",
    )


def test_a_test_tells_each_route_and_where_an_event_goes(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In at most eighty columns, without colours where there is no terminal."""
    status, out, _ = routes(capsys, "test", str(file), "--at", "2026-11-24T23:00:00+01:00", FAILURE, SUCCESS)

    assert status == 0
    assert (
        out
        == f"""
{FAILURE}
123456789012: checkout/prod could not be deployed (eu-west-1) (failure)
  production  matched
  route 2     skipped, an earlier route is final
  route 3     skipped, an earlier route is final
→ payments    by production, mentions @here
→ email       by production, mentions @here

{SUCCESS}
123456789012: checkout/prod was deployed (eu-west-1) (success)
  production  not matched: match.severity is success
  route 2     not matched: match.environment is not in the event
  route 3     matched, in its quiet hours
→ nobody"""
    )


def test_a_test_tells_which_silence_it_is(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Until when, by whom and why."""
    file.write_text(DOCUMENT + SILENCE, encoding="utf-8")

    _, out, _ = routes(capsys, "test", str(file), "--at", "2026-11-24T12:00:00Z", FAILURE)

    assert (
        out
        == f"""
{FAILURE}
123456789012: checkout/prod could not be deployed (eu-west-1) (failure)
  silenced until  2026-12-01 08:00 UTC, by jo: planned <migration>
→ nobody"""
    )


def test_json_is_one_object_an_event(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each object has just these fields, in the words of the documentation."""
    status, out, _ = routes(capsys, "test", "--output", "json", str(file), FAILURE, SUCCESS)

    first, second = map(json.loads, out.splitlines())
    assert status == 0
    assert first == {
        "file": FAILURE,
        "id": event("service-instance-deployment-failed")["id"],
        "severity": "failure",
        "title": "123456789012: checkout/prod could not be deployed (eu-west-1)",
        "silenced_by": None,
        "routes": [
            {"name": "production", "outcome": "matched", "key": None, "value": None},
            {"name": "route 2", "outcome": "shadowed", "key": None, "value": None},
            {"name": "route 3", "outcome": "shadowed", "key": None, "value": None},
        ],
        "recipients": [
            {"destination": "payments", "route": "production", "mention": "@here"},
            {"destination": "email", "route": "production", "mention": "@here"},
        ],
    }
    assert second["routes"][:2] == [
        {"name": "production", "outcome": "mismatched", "key": "match.severity", "value": "success"},
        {"name": "route 2", "outcome": "mismatched", "key": "match.environment", "value": None},
    ]


def test_json_names_the_silence(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No route is asked then."""
    file.write_text(DOCUMENT + SILENCE, encoding="utf-8")

    _, out, _ = routes(capsys, "test", "--output", "json", "--at", "2026-11-24T12:00:00Z", str(file), FAILURE)

    shown = json.loads(out)
    assert shown["silenced_by"] == {"until": "2026-12-01T08:00:00+00:00", "reason": "planned <migration>", "by": "jo"}
    assert shown["routes"] == shown["recipients"] == []


@pytest.mark.parametrize("output", ["text", "json"])
def test_an_unreadable_event_says_why_after_all_others_are_shown(
    output: str, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One broken file of many does not hide the others, and the exit status tells."""
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")

    status, out, err = routes(capsys, "test", "--output", output, str(file), str(broken), FAILURE)

    assert status == 1
    assert "not JSON" in (json.loads(out.splitlines()[0])["error"] if output == "json" else err)
    assert "could not be deployed" in out


@pytest.mark.parametrize(
    ("moment", "error"),
    [("2026-12-01T08:00:00", "needs an offset, as in 2026-12-01T08:00:00Z"), ("noon", "Invalid isoformat string")],
)
def test_a_time_has_an_offset(moment: str, error: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Quiet hours are in time zones."""
    with pytest.raises(SystemExit) as ended:
        routes(capsys, "test", str(file), FAILURE, "--at", moment)

    assert ended.value.code == 2
    assert error in capsys.readouterr().err
