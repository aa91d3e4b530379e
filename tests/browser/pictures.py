"""Write the pictures of the README and of docs/incidents.md, as `make pictures` does.

They are the same on each machine that has Debian's chromium, pngquant, fonts-inter and fonts-noto-color-emoji.
"""

import subprocess
import tempfile
from contextlib import chdir, redirect_stdout
from pathlib import Path
from typing import Final

from proton_notifier.main import main
from tests.browser.chromium import chromium
from tests.browser.history import ROUTES, history

ROOT: Final = Path(__file__).parent.parent.parent
PNGQUANT: Final = "/usr/bin/pngquant"
COLOURS: Final = "40"
# By the picture's name: the story, and how many of its moments have passed, or all of them.
PICTURES: Final = {
    "digest": ("events-jsonl-12-and-9-more", 2),
    "incident-begins": ("events-jsonl-1-and-6-more", 2),
    "incident-ends": ("events-jsonl-1-and-6-more", None),
    "thread": ("events-jsonl-8-and-3-more", None),
}


def take() -> None:
    """Play the history of the tests, and take the Slack message or thread at some of its moments."""
    with tempfile.TemporaryDirectory() as folder, chdir(ROOT), chromium() as browser:
        events, routes, page = (Path(folder) / name for name in ("events.jsonl", "routes.toml", "page.html"))
        events.write_text(history(), encoding="utf-8")
        routes.write_text(ROUTES, encoding="utf-8")
        with page.open("w") as output, redirect_stdout(output):
            main(["replay", str(events), "--routes", str(routes), "--output", "html"])
        for name, (story, passed) in PICTURES.items():
            picture = f"docs/pictures/{name}.png"
            browser.open(f"{page.as_uri()}#event={story}", width=720, height=4_000, scale=1.5)
            browser.evaluate(
                f"[...document.querySelectorAll('[data-moment]')].slice(0, {passed or 'undefined'}).at(-1).click()"
            )
            browser.screenshot(Path(picture), "#slack")
            subprocess.run([PNGQUANT, "--force", "--output", picture, COLOURS, picture], check=True)


if __name__ == "__main__":
    take()
