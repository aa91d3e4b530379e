"""`notifier routes show` and `push`."""

import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from notifier.routes.live import ENCRYPTED_ERROR
from proton_notifier.main import main
from tests.aws_calls import AwsCalls, unhooked
from tests.deployed import ROUTES, STACK, deploy, keep_secret, live, write
from tests.terminals import Terminal

OLD = '[[routes]]\nto = ["email"]\n'
NEW = '# new\n[[routes]]\nto = ["email", "slack"]\n'
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+"


@pytest.fixture(autouse=True)
def _stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Deploy a stack."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        deploy(AlertEmail="team@example.com", SlackSecretName="slack")
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Write the new document into a file."""
    written = tmp_path / "routes.toml"
    written.write_text(NEW, encoding="utf-8")
    return written


def routes(
    capsys: pytest.CaptureFixture[str], command: str, *arguments: str, stack: str = STACK
) -> tuple[int, str, str]:
    """Run the command; return its exit status, output and errors, without times."""
    status = main(["routes", command, "--stack", stack, *arguments])
    captured = capsys.readouterr()
    return status, re.sub(TIME, "TIME", captured.out), re.sub(TIME, "TIME", captured.err)


def test_the_live_document_is_shown_to_the_letter(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Its ends of lines, too, so that what is edited and pushed changes nothing else."""
    text = '# é 🔴\r\n[[routes]]\r\n\r\nto = ["email"]   '
    write(text)

    status = main(["routes", "show", "--stack", STACK])

    captured = capsysbinary.readouterr()
    assert (status, captured.out) == (0, text.encode())
    assert re.fullmatch(rf"/shop/routes: version 1, written {TIME} by N/A\n", captured.err.decode())


def test_without_a_document_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """It is no error; the stack's own routes apply."""
    assert routes(capsys, "show") == (0, "", "/shop/routes: no document; the stack's own routes apply\n")


def test_a_broken_document_is_shown_with_its_problems(capsys: pytest.CaptureFixture[str]) -> None:
    """To correct it, a person needs both."""
    write('[[routes]]\nto = ["slak"]')

    assert routes(capsys, "show") == (
        1,
        '[[routes]]\nto = ["slak"]',
        (
            "/shop/routes: version 1, written TIME by N/A\n"
            "/shop/routes:2: routes[1].to[1]: there is no destination of this name; it must be one of email, slack; "
            'did you mean "slack"?\n'
        ),
    )


def test_what_changes_is_shown_and_written(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Line by line, in place of what is live."""
    write(OLD)

    status, out, err = routes(capsys, "push", str(file), "--yes")

    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "Stack shop in account 123456789012, region eu-west-1",
        "--- version 1, written TIME by N/A",
        "+++ to be written",
        "@@ -1,3 +1,4 @@",
        "+# new",
        " [[routes]]",
        '-to = ["email"]',
        '+to = ["email", "slack"]',
        " ",
        "Version 2 is written. The stack applies it within 60 seconds.",
    ]
    assert live() == NEW


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_an_editors_ways_are_no_change(end: str, encoding: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither what lines end with, nor a byte order mark, on either side."""
    write("\ufeff" + NEW.replace("\n", "\r\n"))
    file.write_bytes(NEW.replace("\n", end).encode(encoding))

    same = routes(capsys, "push", str(file), "--yes")
    file.write_bytes(NEW.replace("new", "newer").replace("\n", end).encode(encoding))
    status, out, _ = routes(capsys, "push", str(file), "--yes")

    assert same == (0, "Nothing to change. Live is version 1, written TIME by N/A.\n", "")
    assert status == 0
    assert [line for line in out.splitlines() if line[:1] in "+-"][2:] == ["-# new", "+# newer"]
    assert live() == NEW.replace("new", "newer")


@pytest.mark.parametrize("command", [["show"], ["push", "FILE", "--yes"]])
def test_an_encrypted_document_is_said_to_be_one(
    command: list[str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its cipher is neither shown nor compared."""
    unhooked().client("ssm").put_parameter(Name=ROUTES, Value=OLD, Type="SecureString")
    name, *arguments = [str(file) if each == "FILE" else each for each in command]

    assert routes(capsys, name, *arguments) == (
        1,
        "",
        f"shop: /shop/routes {ENCRYPTED_ERROR}\n",
    )


def test_a_terminal_shows_what_would_act_on_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comment may hold anything; a pipe gets it to the letter."""
    write("# \x9b2J\u202e\n")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    assert routes(capsys, "show")[:2] == (0, "# \ufffd2J\ufffd\n")


def test_a_first_document_is_written(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All of it is new."""
    status, out, _ = routes(capsys, "push", str(file), "--yes")

    assert status == 0
    assert out.startswith("Stack shop in account 123456789012, region eu-west-1\n--- no document\n+++ to be written\n")
    assert live() == NEW


@pytest.mark.parametrize(("variable", "coloured"), [("FORCE_COLOR", True), ("NO_COLOR", False)])
def test_only_a_terminal_shows_colours(
    variable: str, *, coloured: bool, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log gets none; FORCE_COLOR makes any output a terminal."""
    monkeypatch.setenv(variable, "1")

    _, out, _ = routes(capsys, "push", str(file), "--yes")

    assert ("\x1b[32m+# new" in out) is coloured


def test_a_live_text_does_nothing_to_a_terminal(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor to the width of a line."""
    write(f"# \x1b[2J\u202e{'x' * 200} [bold]\x00\r\n")

    _, out, _ = routes(capsys, "push", str(file), "--yes")

    assert f"-# \ufffd[2J\ufffd{'x' * 200} [bold]\ufffd\n" in out


@pytest.mark.parametrize(("typed", "left"), [("y\n", NEW), ("n\n", OLD), ("", OLD)])
def test_a_person_is_asked(
    typed: str, left: str, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only a clear yes writes."""
    write(OLD)
    monkeypatch.setattr(sys, "stdin", Terminal(typed))

    status, out, _ = routes(capsys, "push", str(file))

    assert status == 0
    assert "Write it? [y/N] " in out
    assert ("Nothing was written." in out) is (left == OLD)
    assert live() == left


def test_without_a_person_yes_has_to_be_said(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written by accident; the difference is shown all the same."""
    write(OLD)
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))

    status, out, err = routes(capsys, "push", str(file))

    assert (status, err) == (1, "shop: there is no terminal to ask on; give --yes to go on without asking\n")
    assert "+# new" in out
    assert live() == OLD


def test_the_same_document_is_not_written_again(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The store keeps a hundred versions, and each should be a change."""
    write(NEW)

    assert routes(capsys, "push", str(file)) == (0, "Nothing to change. Live is version 1, written TIME by N/A.\n", "")


def test_what_a_document_says_in_vain_is_told_before_it_is_written(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As by `check`."""
    keep_secret("shop/team")
    file.write_text(
        '[destinations.team]\ntype = "slack"\nwebhook = "shop/team"\n\n[[routes]]\nto = ["email"]\n', encoding="utf-8"
    )

    status, _, err = routes(capsys, "push", str(file), "--yes")

    assert (status, err) == (0, f"{file}:1: warning: destinations.team: is used by no route\n")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[[routes]]\nto = ["team"]', ":2: routes[1].to[1]: there is no destination of this name; it must be one of"),
        ('[destinations.a]\ntype = "slack"\nwebhook = "other/a"', ":3: destinations.a.webhook: must begin with shop/"),
        ("#" * 8_193, ":1: the text has 8193 bytes, and Parameter Store holds at most 8192"),
    ],
)
def test_a_broken_document_is_not_written(
    text: str, problem: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its problems are told as by `check`."""
    write(OLD)
    file.write_text(text, encoding="utf-8")

    status, out, err = routes(capsys, "push", str(file), "--yes")

    assert (status, out) == (1, "")
    assert err.startswith(f"{file}{problem}")
    assert live() == OLD


def test_what_the_store_does_not_take_is_not_tried(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its own error names no line."""
    file.write_text('[[routes]]\nto = ["email"]\nname = "{{ name }}"', encoding="utf-8")

    status, out, err = routes(capsys, "push", str(file), "--yes")

    assert (status, out) == (1, "")
    problem = "Parameter Store takes no {{, at column 9: in a text in double quotes, write {\\u007b"
    assert err == f"{file}:3: {problem}\nnot valid: 1 problem\n"
    assert main(["routes", "check", str(file)]) == 1
    assert capsys.readouterr().err == err
    assert routes(capsys, "show")[1] == ""


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('[[routes]]\nto = ["nobody"]\nname = "{{"', ["2", "3"]),
        ('name = "{{"\n[[routes]', ["1", "2"]),
        ("# {{" + "\n" * 9_000, ["1", "8189"]),
        ('[[routes]]\nto = ["email"]\nbody = "{{ name }}"', ["3"]),
    ],
    ids=["a wrong value", "no TOML", "too long", "a route's text, whose problem says more"],
)
def test_two_braces_are_told_with_all_else(
    text: str, lines: list[str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each on its line, so that one correction is enough."""
    file.write_text(text, encoding="utf-8")

    assert main(["routes", "check", str(file)]) == 1

    problems = capsys.readouterr().err.splitlines()[:-1]
    assert [problem.removeprefix(f"{file}:").partition(":")[0] for problem in problems] == lines


def test_two_braces_can_be_written(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The advice works."""
    file.write_text('[[routes]]\nto = ["email"]\nname = "{\\u007b name }}"', encoding="utf-8")

    assert routes(capsys, "push", str(file), "--yes")[0] == 0
    assert live() == file.read_text(encoding="utf-8")


def test_a_stack_without_slack_has_no_slack(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its topic is there whether or not an address was given."""
    deploy("mail", AlertEmail="", SlackSecretName="")

    assert routes(capsys, "push", str(file), "--yes", stack="mail") == (
        1,
        "",
        (
            f"{file}:3: routes[1].to[2]: there is no destination of this name; it must be one of email\n"
            "not valid: 1 problem\n"
        ),
    )


@pytest.mark.parametrize("command", ["check", "push"])
@pytest.mark.parametrize(
    ("stack", "parameters", "prefix"),
    [("prod", {"SecretPrefix": "team/alerts"}, "team/alerts"), ("before", {}, "before")],
    ids=["as deployed", "of a version without the parameter"],
)
def test_secrets_have_to_begin_as_the_stack_can_read_them(
    command: str, stack: str, parameters: dict[str, str], prefix: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The role of a stack reads all names below its prefix, in either store."""
    deploy(stack, AlertEmail="", SlackSecretName="slack", **parameters)
    document = '[destinations.a]\ntype = "slack"\nwebhook = "{}/a"\n[[routes]]\nto = ["a"]\n'
    arguments = [str(file), *(["--yes"] if command == "push" else [])]

    for good in (prefix, f"/{prefix}"):
        keep_secret(f"{good}/a")
        file.write_text(document.format(good), encoding="utf-8")
        assert routes(capsys, command, *arguments, stack=stack)[::2] == (0, "")
    for bad in ("proton-notifier", f"{prefix}-2", f"{prefix}s/of"):
        file.write_text(document.format(bad), encoding="utf-8")
        problem = f"must begin with {prefix}/ or /{prefix}/: the stack can read no other secrets"
        assert routes(capsys, command, *arguments, stack=stack) == (
            1,
            "",
            f"{file}:3: destinations.a.webhook: {problem}\nnot valid: 1 problem\n",
        )


def test_a_document_that_cannot_be_read_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Before any call."""
    assert routes(capsys, "push", "no-such.toml", stack="other") == (1, "", "no-such.toml: No such file or directory\n")


@pytest.mark.parametrize("command", [["check"], ["show"], ["push", "--yes"]])
def test_another_stack_is_refused(command: list[str], file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Missing, not the notifier's, or in another region."""
    deploy("other", Size="1")
    name, *options = command
    arguments = [*options, *([] if name == "show" else [str(file)])]

    assert routes(capsys, name, *arguments, stack="other") == (
        1,
        "",
        "other: other is not a stack of this notifier: it has no parameter SlackSecretName\n",
    )
    assert "Stack with id none does not exist" in routes(capsys, name, *arguments, stack="none")[2]
    assert routes(capsys, name, *arguments, "--region", "us-east-1")[2].endswith(
        "does not exist\n  Is that its name, and is this its region (--region)?\n"
    )


@pytest.mark.parametrize(
    ("operation", "code", "advice"),
    [
        ("cloudformation.DescribeStacks", "AccessDenied", "you need cloudformation:DescribeStacks: "),
        ("ssm.GetParameterHistory", "ThrottlingException", ""),
        ("ssm.PutParameter", "AccessDeniedException", "you need ssm:PutParameter: "),
    ],
)
def test_a_refusal_names_the_action(
    operation: str,
    code: str,
    advice: str,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With the permission if it is missing; and nothing is written."""
    write(OLD)
    AwsCalls(monkeypatch).answer(operation, lambda _body: {"Error": {"Code": code, "Message": "No."}})

    status, _, err = routes(capsys, "push", str(file), "--yes")

    assert status == 1
    name = operation.partition(".")[2]
    assert re.fullmatch(rf"shop: {advice}An error occurred \({code}\) when calling the {name} operation.*: No\.\n", err)
    assert live() == OLD


def test_a_race_is_lost_with_grace(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other person's version stays live, and the error names it."""
    write(OLD)
    theirs = iter(["# theirs\n"])

    def write_once() -> None:
        for text in theirs:
            write(text)

    AwsCalls(monkeypatch).watch("before-parameter-build.ssm.PutParameter", write_once)

    status, _, err = routes(capsys, "push", str(file), "--yes")

    assert status == 1
    assert err.startswith(
        "shop: yours is not live, because somebody else wrote in the meantime: version 4 restores version 2"
    )
    assert live() == "# theirs\n"


def test_without_credentials_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """In one line."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            patched.delenv(name, raising=False)
        patched.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patched.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patched.setenv("AWS_CONFIG_FILE", os.devnull)
        AwsCalls(patched)

        assert routes(capsys, "show") == (1, "", "shop: Unable to locate credentials\n")
