"""The folder of what arrived in a demo: a file for each message, and a page of all."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from proton_notifier.gallery.exhibits import Exhibit
from proton_notifier.gallery.page import page

PAGE: Final = "index.html"
# What the files end in, by the type of channel.
ENDINGS: Final[Mapping[str, str]] = {"sns": "email.txt", "slack": "slack.json", "teams": "teams.json"}


def empty(out: Path) -> None:
    """Make the folder *out*, without the messages of an earlier run."""
    out.mkdir(parents=True, exist_ok=True)
    for ending in ENDINGS.values():
        for old in out.glob(f"*.{ending}"):
            old.unlink()


def keep(exhibits: tuple[Exhibit, ...], lead: str, out: Path) -> Path:
    """Write the messages of *exhibits* into *out*, and the page, which begins with *lead*; return the page's path."""
    for exhibit in exhibits:
        _keep_messages(exhibit, out)
    (out / PAGE).write_text(page(exhibits, lead), encoding="utf-8")
    return out / PAGE


def _keep_messages(exhibit: Exhibit, out: Path) -> None:
    name = exhibit.name.removesuffix(".json").replace("/", ".")
    numbers: Counter[str] = Counter()
    for message in exhibit.messages:
        numbers[message.channel] += 1
        payload = message.payload
        text = (
            f"Subject: {payload['Subject']}\n\n{payload['Message']}"
            if "Subject" in payload
            else json.dumps(payload, indent=2, ensure_ascii=False) + "\n"
        )
        file = out / f"{name}.{numbers[message.channel]}.{ENDINGS[message.channel]}"
        file.write_text(text, encoding="utf-8")
