"""`notifier replay`: play a history through the whole stack in simulated time."""

import sys
from argparse import Namespace
from typing import Final

from notifier.routes.errors import DocumentError
from proton_notifier.common.text_files import UnreadableTextError, check_read_once, read_text
from proton_notifier.replay.history import read_history
from proton_notifier.replay.output import show_html, show_json, show_text
from proton_notifier.replay.stack import play
from proton_notifier.replay.story import DeadLettered, EventReceived, Story
from proton_notifier.routes.destination_checks import read_checked
from proton_notifier.routes.output import print_problems

# As of a wrong command line: nothing was played.
WRONG_INPUT: Final = 2


def run(arguments: Namespace) -> int:
    """Play the history; return 1 if an event or a delivery failed for good, 2 if a file is wrong."""
    try:
        check_read_once([*arguments.files, arguments.routes])
        arrivals = read_history(arguments.files)
    except UnreadableTextError as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    try:
        text = read_text(arguments.routes) if arguments.routes else ""
        read_checked(text, None)
    except UnreadableTextError as error:
        print(f"{arguments.routes}: {error}", file=sys.stderr)
        return WRONG_INPUT
    except DocumentError as error:
        print_problems(str(arguments.routes), error)
        return WRONG_INPUT
    story = play(arrivals, text, arguments.duration.total_seconds())
    {"html": show_html, "json": show_json, "text": show_text}[arguments.output](story)
    return report_failures(story)


def report_failures(story: Story) -> int:
    """Print what is not delivered and why; return 1 if an event or a delivery failed for good."""
    status = 0
    for entry in story.entries:
        if isinstance(entry, DeadLettered) or (isinstance(entry, EventReceived) and not entry.summary):
            if isinstance(entry, DeadLettered) or entry.error:
                status = 1
            print(*story.describe(entry), sep=": ", file=sys.stderr)
    for rejection in story.rejections:
        status = 1
        print(f"teams does not show it: {rejection}", file=sys.stderr)
    return status
