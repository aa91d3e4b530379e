"""Alertmanager, as Debian packages it."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.fakes.control import WEBHOOK_PATH, StandIn
from bench.stack import TOPIC
from bench.subjects.processes import Invocation, Startup, Usage, WorkerError
from bench.subjects.runners import Event

NAME: Final = "Alertmanager"
# For one event to both channels, retries included.
MAX_WAIT_SECONDS: Final = 40

CONFIGURATION: Final = """
route:
  receiver: both
  group_by: [{group_by}]
  group_wait: {group_wait}
  group_interval: 5s
receivers:
  - name: both
    slack_configs:
      - api_url: {stand_in}{webhook}
        channel: "#alerts"
    sns_configs:
      - api_url: {stand_in}
        topic_arn: {topic}
        sigv4: {{region: eu-west-1, access_key: local, secret_key: local}}
"""


class Alertmanager:
    """A server that takes alerts and sends later: an event ends when the stand-in has answered both channels."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, startup: Startup, stand_in: StandIn) -> None:
        self._process = process
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._startup = startup
        self._stand_in = stand_in

    def startups(self) -> Mapping[str, Startup]:
        """Return the time until the server was ready."""
        return {NAME: self._startup}

    def invoke(self, event: Event) -> Mapping[str, Invocation]:
        """Post an alert, and wait for both channels."""
        self._stand_in.clear_requests()
        cpu, began = self._cpu_seconds(), time.monotonic()
        status = self._post(event)
        self._stand_in.wait_for(slack=1, sns=1, seconds=MAX_WAIT_SECONDS)
        requests = self._stand_in.requests()
        answered = [at for at, _ in (*requests.slack_accepted, *requests.sns_accepted)]
        ended = max(answered, default=time.monotonic())
        used = self._cpu_seconds() - cpu
        return {NAME: Invocation((ended - began) * 1000, used * 1000, 0, began, status, None)}

    def run_load(self, events: Iterable[Event], seconds: float) -> Mapping[str, float]:
        """Post all *events*, and wait until the newest messages count them all."""
        deadline = time.monotonic() + seconds
        cpu = self._cpu_seconds()
        posted = sum(1 for _ in map(self._post, events))
        while time.monotonic() < deadline:
            time.sleep(1)
            if all(f"[FIRING:{posted}]" in text for text in self._newest()):
                break
        return {NAME: self._cpu_seconds() - cpu}

    def drain(self, seconds: float) -> None:
        """Do nothing: `invoke` has waited for the retries."""

    def count_sdk(self) -> bool:
        """Decline: the server is not written in Python."""
        return False

    def usage(self) -> Mapping[str, Usage]:
        """Read the peak memory from the kernel."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        (peak,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
        return {NAME: Usage(int(peak) / 1024, 0)}

    def _newest(self) -> tuple[str, str]:
        requests = self._stand_in.requests()
        slack = requests.slack_accepted[-1][1] if requests.slack_accepted else ""
        email = requests.sns_accepted[-1][1].get("Subject", "") if requests.sns_accepted else ""
        return slack, email

    def _post(self, event: Event) -> int:
        labels = {
            "alertname": event["detail-type"],
            "name": event["detail"]["name"],
            "status": event["detail"]["status"],
            "account": event["account"],
            "region": event["region"],
            "event": event["id"],
        }
        body = json.dumps([{"labels": labels, "annotations": {"summary": event["resources"][0]}}])
        self._connection.request("POST", "/api/v2/alerts", body, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        answer.read()
        return answer.status

    def _cpu_seconds(self) -> float:
        # The fields after the name in parentheses: user and system time are the 14th and 15th of all.
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def alertmanager(binary: str, stand_in: StandIn, *, grouped: bool) -> Iterator[Alertmanager]:
    """Start Alertmanager on loopback; *grouped* waits for a group as this project's queue does for a batch."""
    settings = {"group_by": "alertname", "group_wait": "5s"} if grouped else {"group_by": "'...'", "group_wait": "0s"}
    text = CONFIGURATION.format(stand_in=stand_in.url, webhook=WEBHOOK_PATH, topic=TOPIC, **settings)
    port = _free_port()
    with TemporaryDirectory() as folder, Path(folder, "alertmanager.log").open("wb") as log:
        configuration = Path(folder, "alertmanager.yml")
        configuration.write_text(text, encoding="utf-8")
        command = [
            binary,
            f"--config.file={configuration}",
            f"--storage.path={folder}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
            "--log.level=error",
        ]
        began = time.perf_counter()
        with subprocess.Popen(command, env={}, stdout=log, stderr=log) as process:
            try:
                while not _ready(port):
                    if process.poll() is not None:
                        message = f"{NAME} ended with status {process.returncode}"
                        raise WorkerError(message)
                    time.sleep(0.002)
                startup = Startup((time.perf_counter() - began) * 1000, 0)
                yield Alertmanager(process, port, startup, stand_in)
            finally:
                process.send_signal(signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        port: int = candidate.getsockname()[1]
    return port


def _ready(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/-/ready")
        return connection.getresponse().status == 200  # noqa: PLR2004 - OK
    except ConnectionError:
        return False
    finally:
        connection.close()
