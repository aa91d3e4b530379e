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
    except UnreadableTextError as error:
        print(error, file=sys.stderr)
        return 1
    entries = [entry for file in arguments.events for entry in read_events(file)]
    readable = [entry.event for entry in entries if entry.notification]
    for entry in entries:
        if not entry.notification:
            print(f"{entry.name}: {entry.error}", file=sys.stderr)
    redaction = Redaction(readable)
    for event in readable:
        print(json.dumps(redaction.redact(event), ensure_ascii=False, indent=2 if len(readable) == 1 else None))
    return 0 if len(readable) == len(entries) else 1
