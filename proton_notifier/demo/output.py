"""The folder of the demo's messages: a file for each message, and a page of all."""

import json
from collections import Counter
from pathlib import Path
from typing import Final

from proton_notifier.demo.listing import LABELS
from proton_notifier.gallery.exhibits import Exhibit
from proton_notifier.gallery.page import page

PAGE: Final = "index.html"


def empty(out: Path) -> None:
    """Make the folder *out*, without the messages of an earlier run."""
    out.mkdir(parents=True, exist_ok=True)
    for label in LABELS.values():
        for old in out.glob(f"*.{label.suffix}"):
            old.unlink()


def write(exhibits: tuple[Exhibit, ...], lead: str, out: Path) -> Path:
    """Write the messages of *exhibits* and their page, which begins with *lead*, into *out*; return the page's path."""
    for exhibit in exhibits:
        _write_messages(exhibit, out)
    (out / PAGE).write_text(page(exhibits, lead), encoding="utf-8")
    return out / PAGE


def _write_messages(exhibit: Exhibit, out: Path) -> None:
    name = exhibit.name.removesuffix(".json").replace("/", ".")
    numbers: Counter[str] = Counter()
    for message in exhibit.messages:
        numbers[message.destination] += 1
        payload = message.payload
        text = (
            f"Subject: {payload['Subject']}\n\n{payload['Message']}"
            if "Subject" in payload
            else json.dumps(payload, indent=2, ensure_ascii=False) + "\n"
        )
        file = out / f"{name}.{numbers[message.destination]}.{LABELS[message.destination].suffix}"
        file.write_text(text, encoding="utf-8")
