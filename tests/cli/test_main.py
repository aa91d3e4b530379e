import io
import subprocess
import sys

import pytest

from cli.main import main
from tests.samples import EVENTS


def test_a_command_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    """The error lists the commands."""
    with pytest.raises(SystemExit) as ended:
        main([])

    assert ended.value.code == 2
    assert "required: COMMAND" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["demo", "preview", "redrive", "routes", "send-test", "silence"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """--help is enough to use it."""
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])

    assert ended.value.code == 0
    assert f"usage: notifier {command}" in capsys.readouterr().out


def test_a_terminal_without_emoji_shows_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoding that lacks a character is no reason to fail."""
    terminal = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(terminal, encoding="ascii"))

    status = main(["preview", str(EVENTS / "service-created.json")])

    sys.stdout.flush()
    assert status == 0
    assert b"? Service checkout is active" in terminal.getvalue()


def test_the_installed_command_runs() -> None:
    """What the README calls is what these tests call."""
    command = [sys.executable, "-m", "cli.main", "preview", "--output", "json", str(EVENTS / "service-created.json")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)

    assert '"title": "Service checkout is active"' in done.stdout
