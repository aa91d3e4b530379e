import io
import re
import sys
import time
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from moto import mock_aws

from notifier.routes.loader import SIZE_LIMIT
from proton_notifier.main import main
from tests.aws_calls import AwsCalls
from tests.deployed import STACK, deploy, live, write

ROUTES = '# who is told\n[[routes]]\nto = ["email"] # the team\n'
OVER = """
[[silences]]
match = { service = ["a", "b"], severity = "failure" }
not.status = "*_CLEANUP_FAILED"
until = 2026-11-01T08:00:00Z
reason = "moved"
by = "ana"
"""
RUNNING = """
[[silences]] # the big one
match = {}
until = 2999-12-01T08:00:00+01:00 # a guess
reason = "planned"
by = "jo"
"""
ADD = ("--match", "service=checkout", "--reason", "moving", "--yes")
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+"


@pytest.fixture(autouse=True)
def _stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Deploy a stack, and go by the clocks of Berlin."""
    with mock_aws(), pytest.MonkeyPatch.context() as berlin:
        berlin.setenv("TZ", "Europe/Berlin")
        time.tzset()
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        deploy(AlertEmail="team@example.com", SlackSecretName="")
        yield
    time.tzset()


def silence(capsys: pytest.CaptureFixture[str], command: str, *arguments: str) -> tuple[int, str, str]:
    """Run the command; return its exit status, output and errors, without times of versions."""
    status = main(["silence", command, "--stack", STACK, *arguments])
    captured = capsys.readouterr()
    return status, re.sub(TIME, "TIME", captured.out), re.sub(TIME, "TIME", captured.err)


@pytest.mark.parametrize("command", ["add", "list", "expire"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """--help is enough to use it."""
    with pytest.raises(SystemExit) as ended:
        main(["silence", command, "--help"])

    assert ended.value.code == 0
    assert f"usage: notifier silence {command}" in capsys.readouterr().out


def test_a_silence_is_appended_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """All else stays to the letter."""
    write(ROUTES)

    status, out, err = silence(
        capsys,
        "add",
        *("--match", "service=checkout", "--match", "severity=failure", "--match", "service=invo*"),
        *("--not", "status=*_CLEANUP_FAILED", "--until", "2999-12-01T08:00:00+01:00"),
        *("--reason", 'the "big" move', "--by", "jo", "--yes"),
    )

    assert (status, err) == (0, "")
    assert out.splitlines()[-9:] == [
        " ",
        "+[[silences]]",
        '+match = { service = ["checkout", "invo*"], severity = "failure" }',
        '+not = { status = "*_CLEANUP_FAILED" }',
        "+until = 2999-12-01T08:00:00+01:00",
        '+reason = "the \\"big\\" move"',
        '+by = "jo"',
        "+",
        "Version 2 is written. The stack applies it within 60 seconds.",
    ]
    assert live().startswith(ROUTES + "\n[[silences]]\n")


def test_a_byte_order_mark_is_in_nobodys_way(capsys: pytest.CaptureFixture[str]) -> None:
    """Some editors write one."""
    write("\ufeff" + ROUTES + RUNNING)

    added = silence(capsys, "add", *ADD, "--for", "2h", "--by", "jo")
    expired = silence(capsys, "expire", "1", "--yes")

    assert (added[0], expired[0]) == (0, 0), added[2] + expired[2]
    assert live().startswith(ROUTES)


def test_the_first_silence_needs_no_document(capsys: pytest.CaptureFixture[str]) -> None:
    """The stack's own routes go on; a silence for a while ends by the clocks here; its author is who calls."""
    before = datetime.now(UTC)

    status, _, _ = silence(capsys, "add", *ADD, "--for", "2h")

    (added,) = tomllib.loads(live())["silences"]
    assert status == 0
    assert abs(added["until"] - before - timedelta(hours=2)) < timedelta(minutes=1)
    assert re.search(r"until = \S+\+0[12]:00\n", live())
    assert added["by"].startswith("user/")


def test_whoever_only_reads_is_not_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before something is written it is said where; and if that is not known, nothing is."""
    AwsCalls(monkeypatch).refuse("sts.GetCallerIdentity")
    write(RUNNING)

    assert silence(capsys, "list")[0] == 0
    assert main(["routes", "show", "--stack", STACK]) == 0
    capsys.readouterr()
    for command in (["add", *ADD, "--for", "2h", "--by", "jo", "--yes"], ["expire", "1", "--yes"]):
        assert silence(capsys, *command)[2].startswith(
            "shop: you need GetCallerIdentity: An error occurred (AccessDenied) when calling the GetCallerIdentity "
        )
    assert live() == RUNNING


def test_the_silences_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its conditions, its end in two time zones, its author and its reason; expired ones are marked."""
    write(ROUTES + OVER + RUNNING)

    assert silence(capsys, "list") == (
        0,
        (
            "1. severity failure, service a or b; not status *_CLEANUP_FAILED\n"
            "   over since 2026-11-01 09:00 CET (2026-11-01 08:00 UTC), by ana: moved\n"
            "2. everything\n"
            "   until 2999-12-01 08:00 CET (2999-12-01 07:00 UTC), by jo: planned\n"
        ),
        "",
    )


@pytest.mark.parametrize("document", ["", ROUTES])
def test_no_silences_are_no_failure(document: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With a document or without."""
    if document:
        write(document)

    assert silence(capsys, "list") == (0, "Nothing is silenced.\n", "")


def test_a_silence_is_ended(capsys: pytest.CaptureFixture[str]) -> None:
    """Only its time changes; what is over and can be deleted is told."""
    write(ROUTES + OVER + RUNNING)

    status, out, err = silence(capsys, "expire", "2", "--yes")

    changed = re.fullmatch(
        re.escape(ROUTES + OVER + RUNNING).replace("2999\\-12\\-01T08:00:00\\+01:00", "(.*)"), live()
    )
    assert status == 0
    assert "-until = 2999-12-01T08:00:00+01:00 # a guess\n+until = " in out
    assert err == (
        "/shop/routes:5: warning: silences[1]: is over and can be deleted\n"
        "/shop/routes:12: warning: silences[2]: is over and can be deleted\n"
    )
    assert changed is not None
    assert abs(datetime.fromisoformat(changed[1]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert "2. everything\n   over since" in silence(capsys, "list")[1]


def test_what_is_over_is_not_ended_again(capsys: pytest.CaptureFixture[str]) -> None:
    """When it ended stays known."""
    write(ROUTES + OVER)

    assert silence(capsys, "expire", "1") == (
        0,
        "Nothing to change. It has been over since 2026-11-01 09:00 CET (2026-11-01 08:00 UTC).\n",
        "",
    )
    assert live() == ROUTES + OVER


@pytest.mark.parametrize("number", ["0", "-1", "3"])
def test_a_silence_that_is_not_there_is_an_error(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers count from one."""
    write(ROUTES + OVER + RUNNING)

    assert silence(capsys, "expire", "--yes", "--", number) == (
        1,
        "",
        f"shop: there is no silence {number}; there are 2\n",
    )


@pytest.mark.parametrize("command", [("add", *ADD, "--for", "2h", "--by", "jo"), ("expire", "1", "--yes")])
def test_silences_in_an_array_can_be_edited(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """The array stays one."""
    text = 'silences = [\n{ match = {}, until = 2999-12-01T08:00:00Z, reason = "a", by = "b" },\n]'
    write(text)

    status, _, _ = silence(capsys, *command)

    first, *more = tomllib.loads(live())["silences"]
    assert status == 0
    assert live().startswith("silences = [\n{ match = {}, until = ")
    assert (first["until"].year < 2999, len(more)) == ((False, 1) if command[0] == "add" else (True, 0))


@pytest.mark.parametrize("command", [("list",), ("add", *ADD, "--for", "2h", "--by", "jo"), ("expire", "1", "--yes")])
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[routes", "1: this is not TOML"),
        ('[[routes]]\nto = ["nobody"]', "2: routes[1].to[1]: there is no destination"),
        ("[silences]", "1: silences: must be tables [[silences]]"),
    ],
)
def test_a_broken_document_is_told_and_stays(
    text: str, problem: str, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody has to mend it first."""
    write(text)

    status, out, err = silence(capsys, *command)

    assert (status, out) == (1, "")
    assert err.startswith(f"/shop/routes:{problem}")
    assert live() == text


def test_a_silence_without_a_reason_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """By the line that would have been written."""
    status, _, err = silence(
        capsys, "add", *("--match", "severity=failre", "--for", "2h", "--by", "jo", "--reason", " ", "--yes")
    )

    assert status == 1
    assert err == (
        '/shop/routes:2: silences[1].match.severity: "failre" is no severity; it must be one of failure, action, '
        'recovered, success, progress, info; did you mean "failure"?\n'
        "/shop/routes:4: silences[1].reason: must not be empty\n"
    )


@pytest.mark.parametrize(
    ("end", "since"),
    [
        (("--until", "2026-02-01T08:00:00+01:00"), "2026-02-01 08:00 CET (2026-02-01 07:00 UTC)"),
        (("--for", "0s"), ""),
    ],
)
def test_a_silence_that_would_be_over_is_not_added(
    end: tuple[str, str], since: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody mistook the time, and would wait for a silence."""
    write(ROUTES)

    status, out, err = silence(capsys, "add", *ADD, *end)

    assert (status, out, live()) == (1, "", ROUTES)
    assert err.startswith(f"shop: it would have ended at {since}")


def test_a_document_without_room_says_what_can_go(capsys: pytest.CaptureFixture[str]) -> None:
    """Silences that are over are what grows."""
    text = ROUTES + "#" * (SIZE_LIMIT - len(ROUTES))
    write(text)

    assert silence(capsys, "add", *ADD, "--until", "2999-12-01T08:00:00Z", "--by", "jo") == (
        1,
        "",
        (
            "shop: the document would have 8297 bytes, and Parameter Store holds at most 8192; take out silences that "
            "are over: `notifier routes show`, edit, `notifier routes push`\n"
        ),
    )
    assert live() == text


@pytest.mark.parametrize("command", [("add", *ADD[:-1], "--for", "2h", "--by", "jo"), ("expire", "1")])
def test_without_a_person_yes_has_to_be_said(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written by accident."""
    write(RUNNING)
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))

    status, _, err = silence(capsys, *command)

    assert status == 1
    assert err.endswith("shop: there is no terminal to ask on; give --yes to go on without asking\n")
    assert live() == RUNNING


@pytest.mark.parametrize(
    "arguments",
    [
        ("--match", "service=a", "--reason", "a"),
        ("--match", "service=a", "--reason", "a", "--for", "2h", "--until", "2999-12-01T08:00:00Z"),
        ("--match", "service=a", "--for", "2h"),
        ("--reason", "a", "--for", "2h"),
    ],
    ids=["no end", "two ends", "no reason", "no match"],
)
def test_what_a_silence_needs_is_asked_for(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """It does not begin by accident."""
    with pytest.raises(SystemExit) as ended:
        silence(capsys, "add", *arguments)

    assert ended.value.code == 2


def test_another_stack_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """It is named."""
    assert main(["silence", "list", "--stack", "none"]) == 1
    assert capsys.readouterr().err.startswith("none: An error occurred (ValidationError)")
