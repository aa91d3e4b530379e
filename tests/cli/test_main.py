import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

import pytest

from notifier.routes.document import KEYS
from notifier.routes.schema import MatchSchema
from proton_notifier.command_line import COMMANDS, parse
from proton_notifier.main import main
from tests.samples import EVENTS

ROOT: Final = Path(__file__).parent.parent.parent
EVENT: Final = str(EVENTS / "service-created.json")
# No package of others is among them: pydantic, rich and boto3 take seconds.
LOADED: Final = [
    "notifier",
    "notifier.channels",
    "notifier.channels.destination",
    "notifier.memory",
    "notifier.memory.rules",
    "notifier.model",
    "notifier.model.status_change",
    "notifier.routes",
    "notifier.routes.document",
    "proton_notifier",
    "proton_notifier.arguments",
    "proton_notifier.command_line",
    "proton_notifier.localaws",
    "proton_notifier.localaws.environment",
    "proton_notifier.main",
]
HELP: Final = """
import json, sys
from proton_notifier.main import main
try:
    main(sys.argv[1:])
finally:
    print(json.dumps(sorted(set(sys.modules))), file=sys.stderr)
"""


def output(monkeypatch: pytest.MonkeyPatch, descriptor: int) -> None:
    """Make *descriptor* the standard output."""
    monkeypatch.setattr(sys, "stdout", os.fdopen(descriptor, "w", encoding="utf-8"))


def test_a_command_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    """The error lists the commands."""
    with pytest.raises(SystemExit) as ended:
        main([])

    assert ended.value.code == 2
    assert "required: COMMAND" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_loads_nothing_for_that(command: str) -> None:
    """The help of each command imports no package, so that it appears at once."""
    # Nothing but what Python itself needs, so that no tool of the tests is loaded along.
    environment = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    done = subprocess.run(
        [sys.executable, "-c", HELP, *command.split(), "--help"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    modules = json.loads(done.stderr)
    ours = [name for name in modules if name.partition(".")[0] in {"bench", "handlers", "notifier", "proton_notifier"}]
    others = {name.partition(".")[0] for name in modules} - {"notifier", "proton_notifier", "__main__"}

    assert f"usage: notifier {command}" in done.stdout
    assert f"\nexample:\n  notifier {command} " in done.stdout
    assert ours == LOADED
    assert [name for name in others if name not in sys.stdlib_module_names and not name.startswith("_")] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_of_every_command_is_a_right_command_line(name: str) -> None:
    """It is of that command, and can be copied."""
    example = f"{name} {COMMANDS[name][2]}".partition("> ")[0]
    parsed = parse(shlex.split(example))

    assert name in {parsed.command, f"{parsed.command} {getattr(parsed, 'task', '')}"}


def test_the_keys_of_a_silence_are_those_of_a_document() -> None:
    """They are listed twice, because the schema of a document is slow to import."""
    assert tuple(MatchSchema.model_fields) == KEYS


def test_the_version_is_the_newest_of_the_changelog(capsys: pytest.CaptureFixture[str]) -> None:
    """A bug report can name it."""
    newest = re.search(
        r"^## (\S+) - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )

    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert newest
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"notifier {newest[1]}\n"


def test_a_terminal_without_emoji_shows_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoding that lacks a character is no reason to fail."""
    terminal = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(terminal, encoding="ascii"))

    status = main(["preview", EVENT])

    sys.stdout.flush()
    assert status == 0
    assert b"? 123456789012: service checkout is active (eu-west-1)" in terminal.getvalue()


@pytest.mark.parametrize(
    "command",
    [
        ["--help"],
        ["--version"],
        ["preview", EVENT],
        ["preview", "--output", "html", EVENT],
        ["routes", "--help"],
        ["routes", "test", os.devnull, EVENT],
        ["silence", "add", "--help"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("write_through", [False, True], ids=["buffered", "unbuffered"])
def test_a_full_output_is_one_line(
    command: list[str],
    write_through: bool,  # noqa: FBT001 - of a test's table
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each command reports it at the latest when it ends."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        full.reconfigure(write_through=write_through)
        monkeypatch.setattr(sys, "stdout", full)
        status = main(command)

    assert (status, capsys.readouterr().err) == (1, "notifier: output: No space left on device\n")


@pytest.mark.parametrize("output_format", ["html", "json", "text"])
def test_a_closed_pipe_is_one_line(
    output_format: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`| head` closes its input early."""
    reader, writer = os.pipe()
    os.close(reader)
    output(monkeypatch, writer)

    status = main(["preview", "--output", output_format, EVENT])

    sys.stdout.close()
    assert (status, capsys.readouterr().err) == (1, "notifier: output: Broken pipe\n")


def test_closed_streams_are_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Python sets them to None."""
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(sys, stream, None)

    status = main(["preview", EVENT])

    sys.stdin.close()
    assert (status, capsys.readouterr().err) == (1, "notifier: output: it is closed\n")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a file that it has just opened
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("command", [["demo", "--events", "."], ["preview", "event.json"]], ids=" ".join)
def test_ctrl_c_is_one_line(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The preview is interrupted while it reads, the demo while everything runs."""
    os.mkfifo(tmp_path / "event.json")
    monkeypatch.chdir(tmp_path)

    def interrupt() -> None:
        # Opening waits for the reader, which then waits for text.
        with (tmp_path / "event.json").open("w", encoding="utf-8"):
            os.kill(os.getpid(), signal.SIGINT)
            # A signal that comes just before the reader waits wakes it no more: the end of the text does.
            ended.wait(timeout=1)

    ended = threading.Event()
    interrupting = threading.Thread(target=interrupt)
    interrupting.start()

    status = main(command)

    ended.set()
    interrupting.join()
    assert (status, capsys.readouterr().err) == (130, "notifier: interrupted\n")


def test_the_installed_command_runs() -> None:
    """These tests call the function that the installed command calls."""
    command = [sys.executable, "-m", "proton_notifier.main", "preview", "--output", "json", EVENT]
    done = subprocess.run(command, check=True, capture_output=True, text=True)

    assert '"title": "123456789012: service checkout is active (eu-west-1)"' in done.stdout
