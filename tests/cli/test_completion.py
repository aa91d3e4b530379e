import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from proton_notifier.main import main

# What bash does at a tab: it asks the function that `complete` registered.
TAB: Final = """
eval "$(notifier completion bash)"
read -ra words <<< "$(complete -p notifier)"
for ((i = 0; i < ${#words[@]}; i++)); do [ "${words[i]}" = -F ] && function=${words[i + 1]}; done
COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9
read -ra COMP_WORDS <<< "$1"
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
"$function" notifier "${COMP_WORDS[-1]}" 2>/dev/null
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("notifier in", ["incidents"]),
        ("notifier silence a", ["add"]),
        ("notifier redrive --dr", ["--dry-run"]),
        ("notifier preview --channel slack-", ["slack-bot", "slack-workflow"]),
        ("notifier routes check rou", ["routes.toml"]),
    ],
)
def test_bash_completes(line: str, completed: list[str], tmp_path: Path) -> None:
    """Commands, tasks, options, their choices, and files."""
    (tmp_path / "routes.toml").touch()
    environment = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}

    done = subprocess.run(
        ["bash", "--norc", "-c", TAB, "bash", line],  # noqa: S607 - that of the machine
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    )

    assert done.stdout.split() == completed


@pytest.mark.parametrize(
    ("shell", "registers"), [("fish", "complete --command notifier"), ("zsh", "#compdef notifier")]
)
def test_other_shells_have_their_code(shell: str, registers: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The machine of a test need not have them."""
    assert main(["completion", shell]) == 0

    assert registers in capsys.readouterr().out
