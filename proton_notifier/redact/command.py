"""`notifier redact`: print events that can be shown to strangers."""

import json
import sys
from argparse import Namespace

from proton_notifier.common.event_files import read_events
from proton_notifier.common.text_files import UnreadableTextError, check_read_once
from proton_notifier.redact.redaction import Redaction


def run(arguments: Namespace) -> int:
    """Print the events, several as JSON Lines; return 1 if one cannot be read."""
    try:
        check_read_once(arguments.events)
        entries = [entry for file in arguments.events for entry in read_events(file)]
        redaction = Redaction([entry.event for entry in entries if not entry.error])
        redacted = [redaction.redact(entry.event) for entry in entries if not entry.error]
    except UnreadableTextError as error:
        print(error, file=sys.stderr)
        return 1
    except RecursionError:
        print("an event is nested too deep to be redacted", file=sys.stderr)
        return 1
    for entry in entries:
        if entry.error:
            print(f"{entry.name}: {entry.error}", file=sys.stderr)
    for event in redacted:
        print(json.dumps(event, ensure_ascii=False, indent=2 if len(redacted) == 1 else None))
    return 0 if len(redacted) == len(entries) else 1
