"""Print how soon Chromium paints the page of 200 events and opens the first one: the medians of five loads."""

import sys
import tempfile
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Final

from proton_notifier.main import main
from tests.browser.chromium import chromium
from tests.samples import EVENTS, NAMES

EVENTS_SHOWN: Final = 200
LOADS: Final = 5
# Until the first paint, and until the script has opened an event, both since the start of the navigation.
TIMES: Final = (
    "new Promise(done => requestAnimationFrame(() => setTimeout(() => done(["
    "performance.getEntriesByName('first-contentful-paint')[0].startTime,"
    "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd]))))"
)


def measure() -> None:
    """Measure, and print the times and the page's size."""
    files = [str(EVENTS / f"{name}.json") for name in (NAMES * 2)[:EVENTS_SHOWN]]
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        page = Path(folder) / "page.html"
        with redirect_stderr(StringIO()):
            main(["preview", "--output", "html", "--out", str(page), *files])
        loads = []
        for _ in range(LOADS):
            browser.open(page.as_uri(), width=1440)
            loads.append(browser.evaluate(TIMES))
        painted, opened = (median(times) for times in zip(*loads, strict=True))
        size = page.stat().st_size / 1_000_000
        sys.stdout.write(
            f"{EVENTS_SHOWN} events, {size:.1f} MB: first paint {painted:.0f} ms, first event open {opened:.0f} ms\n"
        )


if __name__ == "__main__":
    measure()
