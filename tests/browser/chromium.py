"""Debian's Chromium, driven over the DevTools protocol by a pair of pipes, which needs no package.

The methods and events are those of https://chromedevtools.github.io/devtools-protocol/.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ANSWER_SECONDS: Final = 30
# Around the element of a screenshot, in CSS pixels.
MARGIN: Final = 16
FLAGS: Final = (
    "--headless",
    "--no-sandbox",  # it does not run as root, and reads nothing but our own page
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


class BrowserError(Exception):
    """Chromium is missing, does not answer, or says that something went wrong."""


@dataclass(slots=True)
class Chromium:
    """A running browser with one open page; *events* is what it told without being asked."""

    commands: int
    answers: int
    events: list[dict[str, Any]] = field(default_factory=list)
    _asked: int = 0
    _target: str | None = None
    _session: str | None = None
    _unread: bytes = b""

    def open(
        self, url: str, *, width: int, height: int = 900, scale: float = 1, scheme: str = "light", scripts: bool = True
    ) -> None:
        """Open *url* in a new page of that size, in CSS pixels of *scale* pixels each, for a reader in Tokyo."""
        self._session, closed = None, self._target
        self._target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        if closed:
            self.ask("Target.closeTarget", targetId=closed)
        self._session = self.ask("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        size = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **size)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.ask("Emulation.setTimezoneOverride", timezoneId="Asia/Tokyo")
        self.ask("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.events.clear()
        self.ask("Page.navigate", url=url)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self._read(time.monotonic() + ANSWER_SECONDS)

    def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - whatever JSON it is
        """Evaluate JavaScript in the page."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def click(self, selector: str) -> None:
        """Click with the mouse on the middle of the first element that *selector* finds."""
        x, y = self.evaluate(
            f"(() => {{ const found = document.querySelector({json.dumps(selector)});"
            "found.scrollIntoView({block: 'center', behavior: 'instant'});"
            "const box = found.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str) -> None:
        """Press and release *key*."""
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key)

    def screenshot(self, file: Path, selector: str) -> None:
        """Save the first element that *selector* finds, which has to be in the window, with a margin as a PNG."""
        box = self.evaluate(f"document.querySelector({json.dumps(selector)}).getBoundingClientRect().toJSON()")
        clip = {
            "x": box["x"] - MARGIN,
            "y": box["y"] + 2,
            "width": box["width"] + 2 * MARGIN,
            "height": box["height"] + MARGIN,
        }
        file.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", clip={**clip, "scale": 1})["data"]))

    def complaints(self) -> list[str]:
        """List what the page wrote into the console, and which scripts failed."""
        spoken = {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}
        return [json.dumps(event["params"]) for event in self.events if event["method"] in spoken]

    def requests(self) -> list[str]:
        """List what the page asked for, itself first."""
        return [
            event["params"]["request"]["url"] for event in self.events if event["method"] == "Network.requestWillBeSent"
        ]

    def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a *method* of the protocol and wait for its answer."""
        self._asked += 1
        number = self._asked
        session = {"sessionId": self._session} if self._session else {}
        os.write(
            self.commands,
            json.dumps({"id": number, "method": method, "params": parameters, **session}).encode() + b"\0",
        )
        deadline = time.monotonic() + ANSWER_SECONDS
        while (answer := self._read(deadline)).get("id") != number:
            pass
        if "error" in answer:
            message = f"{method}: {answer['error']}"
            raise BrowserError(message)
        result: dict[str, Any] = answer["result"]
        return result

    def _read(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self.answers], [], [], max(deadline - time.monotonic(), 0))
            more = os.read(self.answers, 1 << 20) if ready else b""
            if not more:
                message = "Chromium does not answer"
                raise BrowserError(message)
            self._unread += more
        written, _, self._unread = self._unread.partition(b"\0")
        read: dict[str, Any] = json.loads(written)
        if "method" in read:
            self.events.append(read)
        return read


@contextmanager
def chromium() -> Iterator[Chromium]:
    """Run the browser with a new profile."""
    program = shutil.which("chromium")
    if program is None:
        message = "there is no chromium on PATH: apt-get install chromium"
        raise BrowserError(message)
    its_input, commands = os.pipe()
    answers, its_output = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        # It reads from descriptor 3 and writes to 4, whatever ours are.
        wired = f'exec "$0" "$@" 3<&{its_input} 4>&{its_output}'
        process = subprocess.Popen(
            ["/bin/bash", "-c", wired, program, *FLAGS, f"--user-data-dir={profile}"],
            pass_fds=(its_input, its_output),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(its_input)
        os.close(its_output)
        try:
            yield Chromium(commands, answers)
        finally:
            process.terminate()
            process.wait()
            os.close(commands)
            os.close(answers)
