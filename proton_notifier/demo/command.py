"""`notifier demo`: play a day of a team, every sample, or a load through the whole stack in this process."""

import re
import sys
from argparse import Namespace
from pathlib import Path
from typing import Final

from proton_notifier.arguments import EVENTS

BEGINNING: Final = "The stack runs in this process: it needs no account and reaches no network.\n"
# The samples of the day.
DAY: Final = (Path(__file__).parent / "day.txt").read_text("ascii").split()
# Samples with hostile names or without usual fields.
ODD: Final = re.compile(r"-(with|without)-|-of-a-later-type$")
# As many samples as fit on a screen, with all their entries when Slack is down or slow.
SEQUENCE_LENGTH: Final = 8


def run(arguments: Namespace) -> int:
    """Play the day, a load, or, with --all or a folder, each event; return 1 if anything failed."""
    files = sorted(arguments.events.glob("*.json"))
    if not files:
        print(f"{arguments.events}: there is no folder with event files here", file=sys.stderr)
        return 1
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"{arguments.out}: {error.strerror}", file=sys.stderr)
        return 1
    # Before the imports, which take seconds.
    print(BEGINNING, flush=True)
    day = [arguments.events / f"{name}.json" for name in DAY] if arguments.events == EVENTS else []
    usual = [file for file in files if not (day and ODD.search(file.stem))]
    if arguments.storm or arguments.slack_down or arguments.rate_limit:
        from proton_notifier.demo.load_test import run_load  # noqa: PLC0415 - see above

        return run_load(arguments, usual if arguments.storm else day[:SEQUENCE_LENGTH] or files)
    from proton_notifier.demo.samples import run_samples  # noqa: PLC0415 - see above

    return run_samples(sorted(files, key=lambda file: file not in usual), [] if arguments.all else day, arguments)
