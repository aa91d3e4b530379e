"""Alertmanager, from Debian's package."""

import os
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from urllib3 import HTTPConnectionPool
from urllib3.exceptions import HTTPError

from bench.fakes.services import FakeServices, accepted
from bench.stack import TOPIC
from bench.subjects.runners import (
    Event,
    Invocation,
    Invocations,
    Process,
    Runner,
    Setup,
    SubjectError,
    peak_megabytes,
    running,
)

ALERTMANAGER: Final = "Alertmanager"
# For one event to both channels, retries included.
MAX_WAIT_SECONDS: Final = 40

CONFIGURATION: Final = """
route:
  receiver: both
  group_by: [{}]
  group_wait: {}
  group_interval: 5s
receivers:
  - name: both
    slack_configs:
      - api_url: {}
        channel: "#alerts"
    sns_configs:
      - api_url: {}
        topic_arn: {}
        sigv4: {{region: eu-west-1, access_key: local, secret_key: local}}
"""


@dataclass(frozen=True, slots=True)
class Alertmanager(Runner):
    """A started server."""

    process: Process
    pool: HTTPConnectionPool
    fake: FakeServices

    def invoke(self, event: Event) -> Invocations:
        """Post an alert, and wait until both channels have it."""
        self.fake.clear()
        cpu, began = self._cpu_seconds(), time.monotonic()
        status = self._post(event)
        self.fake.wait_for_both(MAX_WAIT_SECONDS)
        messages = accepted([*self.fake.slack, *self.fake.sns])
        ended = max((message.answered_at for message in messages), default=time.monotonic())
        cpu_ms = (self._cpu_seconds() - cpu) * 1000
        peak = peak_megabytes(self.process)
        return {ALERTMANAGER: Invocation((ended - began) * 1000, cpu_ms, began, peak, status)}

    def run_load(self, events: Iterable[Event], seconds: float) -> float:
        """Post all *events*, wait until the newest messages count all of them, and return the CPU seconds."""
        deadline = time.monotonic() + seconds
        cpu = self._cpu_seconds()
        posted = sum(1 for _ in map(self._post, events))
        while time.monotonic() < deadline:
            time.sleep(1)
            newest = [*accepted(self.fake.slack)[-1:], *accepted(self.fake.sns)[-1:]]
            if sum(f"[FIRING:{posted}]" in message.text for message in newest) == 2:  # noqa: PLR2004 - both channels
                break
        return self._cpu_seconds() - cpu

    def _post(self, event: Event) -> int:
        labels = {name: event[name] for name in ("account", "id", "region")}
        labels |= {name: event["detail"][name] for name in ("name", "status")}
        labels |= {"alertname": event["detail-type"]}
        alert = {"labels": labels, "annotations": {"summary": event["resources"][0]}}
        return self.pool.request("POST", "/api/v2/alerts", json=[alert]).status

    def _cpu_seconds(self) -> float:
        # The fields after the name in parentheses; user and system time are the 14th and 15th fields of the line.
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def alertmanager(binary: str, setup: Setup, fake: FakeServices) -> Iterator[Alertmanager]:
    """Start Alertmanager on loopback; in a storm, it waits for a group as long as this project's queue for a batch."""
    grouping = ("alertname", "5s") if setup.grouped else ("'...'", "0s")
    with socket.create_server(("127.0.0.1", 0)) as candidate:
        port = candidate.getsockname()[1]
    pool = HTTPConnectionPool("127.0.0.1", port, timeout=60, retries=False)
    with TemporaryDirectory() as folder:
        configuration = Path(folder, "alertmanager.yml")
        configuration.write_text(CONFIGURATION.format(*grouping, fake.url, fake.endpoint, TOPIC), encoding="utf-8")
        command = [
            binary,
            f"--config.file={configuration}",
            f"--storage.path={folder}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
            "--log.level=error",
        ]
        began = time.perf_counter()
        with running(command, {}, Path(folder, "alertmanager.log")) as process:
            while process.poll() is None:
                with suppress(HTTPError):
                    if pool.request("GET", "/-/ready").status == HTTPStatus.OK:
                        break
                time.sleep(0.002)
            else:
                message = f"{binary} ended with status {process.returncode}"
                raise SubjectError(message)
            startup = {"imports_ms": (time.perf_counter() - began) * 1000, "clients_ms": 0}
            yield Alertmanager({ALERTMANAGER: startup}, {}, process, pool, fake)
