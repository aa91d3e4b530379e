"""Alertmanager, as Debian packages it."""

import os
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from urllib3 import HTTPConnectionPool
from urllib3.exceptions import HTTPError

from bench.fakes.services import FakeServices, accepted
from bench.stack import TOPIC
from bench.subjects.processes import Event, Invocation, Usage, WorkerError, peak_megabytes

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
      - api_url: {webhook}
        channel: "#alerts"
    sns_configs:
      - api_url: {endpoint}
        topic_arn: {topic}
        sigv4: {{region: eu-west-1, access_key: local, secret_key: local}}
"""


class Alertmanager:
    """A started server; *startup* is the time until it was ready."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", pool: HTTPConnectionPool, startup_ms: float, fake: FakeServices
    ) -> None:
        self.startup = {"imports_ms": startup_ms, "clients_ms": 0.0}
        self._process = process
        self._pool = pool
        self._fake = fake

    def invoke(self, event: Event) -> Invocation:
        """Post an alert, and wait until both channels have it."""
        self._fake.clear()
        cpu, began = self._cpu_seconds(), time.monotonic()
        status = self._post(event)
        self._fake.wait_for_both(MAX_WAIT_SECONDS)
        messages = accepted([*self._fake.slack, *self._fake.sns])
        ended = max((message.answered_at for message in messages), default=time.monotonic())
        return Invocation((ended - began) * 1000, (self._cpu_seconds() - cpu) * 1000, 0, began, status, None)

    def run_load(self, events: Iterable[Event], seconds: float) -> float:
        """Post all *events*, wait until the newest messages count them all, and return the CPU seconds."""
        deadline = time.monotonic() + seconds
        cpu = self._cpu_seconds()
        posted = sum(1 for _ in map(self._post, events))
        while time.monotonic() < deadline:
            time.sleep(1)
            newest = [*accepted(self._fake.slack)[-1:], *accepted(self._fake.sns)[-1:]]
            if sum(f"[FIRING:{posted}]" in message.text for message in newest) == 2:  # noqa: PLR2004 - both channels
                break
        return self._cpu_seconds() - cpu

    def count_sdk(self) -> None:
        """Do nothing: the server does not use the SDK for Python."""

    def usage(self) -> Usage:
        """Read the peak memory; the log is not measured."""
        return Usage(peak_megabytes(self._process.pid), 0)

    def _post(self, event: Event) -> int:
        labels = {name: event[name] for name in ("account", "id", "region")}
        labels |= {name: event["detail"][name] for name in ("name", "status")}
        labels |= {"alertname": event["detail-type"]}
        alert = {"labels": labels, "annotations": {"summary": event["resources"][0]}}
        return self._pool.request("POST", "/api/v2/alerts", json=[alert]).status

    def _cpu_seconds(self) -> float:
        # The fields after the name in parentheses: user and system time are the 14th and 15th of all.
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def alertmanager(binary: str, fake: FakeServices, *, grouped: bool) -> Iterator[Alertmanager]:
    """Start Alertmanager on loopback; *grouped* waits for a group as this project's queue waits for a batch."""
    settings = {"group_by": "alertname", "group_wait": "5s"} if grouped else {"group_by": "'...'", "group_wait": "0s"}
    text = CONFIGURATION.format(endpoint=fake.endpoint, webhook=fake.url, topic=TOPIC, **settings)
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        port = candidate.getsockname()[1]
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
                pool = HTTPConnectionPool("127.0.0.1", port, timeout=60, retries=False)
                while not _is_ready(pool):
                    if process.poll() is not None:
                        message = f"{binary} ended with status {process.returncode}"
                        raise WorkerError(message)
                    time.sleep(0.002)
                yield Alertmanager(process, pool, (time.perf_counter() - began) * 1000, fake)
            finally:
                process.kill()


def _is_ready(pool: HTTPConnectionPool) -> bool:
    with suppress(HTTPError):
        return pool.request("GET", "/-/ready").status == HTTPStatus.OK
    return False
