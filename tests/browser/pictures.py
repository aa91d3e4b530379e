"""Write the pictures of the gallery that the README shows, as `make pictures` does.

They are the same on each machine that has Chromium and the fonts of Debian's fonts-inter and fonts-noto-color-emoji.
"""

import tempfile
from contextlib import chdir
from pathlib import Path
from typing import Final

from proton_notifier.main import main
from tests.browser.chromium import chromium
from tests.samples import NAMES

ROOT: Final = Path(__file__).parent.parent.parent
# The event that the README tells of.
FIRST: Final = "cloud-formation-stack-update-failed-and-is-rolling-back"


def take() -> None:
    """Take one as wide as a desk, and one of a phone in the dark."""
    files = [f"events/{name}.json" for name in (FIRST, *(name for name in NAMES if name != FIRST))]
    with tempfile.TemporaryDirectory() as folder, chdir(ROOT), chromium() as browser:
        page = Path(folder) / "page.html"
        main(["preview", "--output", "html", "--out", str(page), *files])
        browser.open(page.as_uri(), width=1280, height=780)
        browser.screenshot(Path("docs/gallery.png"))
        browser.open(page.as_uri(), width=360, height=850, scale=1.5, scheme="dark")
        browser.screenshot(Path("docs/gallery-phone.png"))


if __name__ == "__main__":
    take()
