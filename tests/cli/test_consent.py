import io
import sys

import pytest

from proton_notifier.common.deployed_stack import StackError, confirm
from tests.terminals import Terminal


@pytest.mark.parametrize(
    ("typed", "answer"), [("y\n", True), (" YES \n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_only_a_clear_yes_confirms(
    typed: str, *, answer: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Any other input changes nothing."""
    monkeypatch.setattr(sys, "stdin", Terminal(typed))

    assert confirm("Write it?") is answer
    assert capsys.readouterr().out == "Write it? [y/N] "


def test_without_a_terminal_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script does not hang on a question."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))

    with pytest.raises(StackError) as raised:
        confirm("Write it?")

    assert str(raised.value) == "there is no terminal to ask on; give --yes to go on without asking"
    assert capsys.readouterr().out == ""
