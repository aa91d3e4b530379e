"""The subjects at work: one call an event, this project's two functions, or Alertmanager's server."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final, Protocol

from bench.children import Child, Told, Usage
from bench.stack import TOPIC
from bench.telling import WEBHOOK_PATH, StandIn

Event = Mapping[str, Any]
LOOK_SECONDS: Final = 0.05
# How long Alertmanager may take to tell both channels of one event, retries included.
PATIENCE_SECONDS: Final = 40


@dataclass(frozen=True, slots=True)
class Start:
    """What went into the imports, and into what is made before the first event."""

    load_ms: float
    connect_ms: float


class Runner(Protocol):
    """A subject that has started; it may consist of parts, which are told one after the other."""

    def starts(self) -> Mapping[str, Start]:
        """Tell what each part's start took."""

    def tell(self, event: Event) -> Mapping[str, Told]:
        """Tell it one event; return what each part made of it."""

    def storm(self, events: Iterable[Event], seconds: float) -> Mapping[str, float]:
        """Tell it all *events* as it would get them, for so many *seconds* at most; return each part's CPU seconds."""

    def settle(self, seconds: float) -> None:
        """Let it try again what it could not send, for so many *seconds* at most."""

    def count_sdk(self) -> bool:
        """Have the SDK's CPU counted from now on; say whether it can be."""

    def usage(self) -> Mapping[str, Usage]:
        """Tell what each part needed so far."""


class OneCall:
    """A subject that is called once an event, and is done when the call is; *counts* if its SDK's CPU is of interest."""

    def __init__(self, name: str, child: Child, *, counts: bool) -> None:
        self._name = name
        self._child = child
        self._counts = counts

    def starts(self) -> Mapping[str, Start]:
        """Tell what the start took."""
        return {self._name: Start(self._child.load_ms, self._child.connect_ms)}

    def tell(self, event: Event) -> Mapping[str, Told]:
        """Call it."""
        return {self._name: self._child.tell(event)}

    def storm(self, events: Iterable[Event], seconds: float) -> Mapping[str, float]:
        """Call it for one event after the other."""
        deadline = time.monotonic() + seconds
        cpu = 0.0
        for event in events:
            cpu += self._child.tell(event).cpu_ms / 1000
            if time.monotonic() > deadline:
                break
        return {self._name: cpu}

    def settle(self, seconds: float) -> None:
        """Do nothing: a call that has returned tries nothing again."""

    def count_sdk(self) -> bool:
        """Count, if it is of interest."""
        if self._counts:
            self._child.count_sdk()
        return self._counts

    def usage(self) -> Mapping[str, Usage]:
        """Ask it."""
        return {self._name: self._child.usage()}


class TwoFunctions:
    """This project: from the event to the queue, and from the queue to the channels.

    Between the two it does what the event source mapping does, outside of every clock: it hands over batches of
    *batch_size*, and deletes what did not fail.
    """

    def __init__(self, proton: Child, delivery: Child, stand_in: StandIn, batch_size: int, window_seconds: int) -> None:
        self._functions = {"proton": proton, "delivery": delivery}
        self._stand_in = stand_in
        self._batch_size = batch_size
        self._window_seconds = window_seconds

    def starts(self) -> Mapping[str, Start]:
        """Tell what each function's start took."""
        return {name: Start(child.load_ms, child.connect_ms) for name, child in self._functions.items()}

    def tell(self, event: Event) -> Mapping[str, Told]:
        """Invoke the one, and then the other with what came into the queue."""
        routed = self._functions["proton"].tell(event)
        return {"proton": routed, "delivery": self._delivered(self._stand_in.receive(self._batch_size))}

    def storm(self, events: Iterable[Event], seconds: float) -> Mapping[str, float]:
        """Put all into the queue, wait for the batching window, and work the queue off."""
        began = time.monotonic()
        cpu = {"proton": sum(self._functions["proton"].tell(event).cpu_ms for event in events) / 1000, "delivery": 0.0}
        time.sleep(max(0, began + self._window_seconds - time.monotonic()))
        for delivered in self._work_off(began + seconds):
            cpu["delivery"] += delivered.cpu_ms / 1000
        return cpu

    def settle(self, seconds: float) -> None:
        """Deliver again what comes back."""
        for _ in self._work_off(time.monotonic() + seconds):
            pass

    def count_sdk(self) -> bool:
        """Count in both."""
        for child in self._functions.values():
            child.count_sdk()
        return True

    def usage(self) -> Mapping[str, Usage]:
        """Ask both."""
        return {name: child.usage() for name, child in self._functions.items()}

    def _work_off(self, deadline: float) -> Iterator[Told]:
        while self._stand_in.waiting() and time.monotonic() < deadline:
            if records := self._stand_in.receive(self._batch_size):
                yield self._delivered(records)
            else:
                time.sleep(LOOK_SECONDS)

    def _delivered(self, records: list[dict[str, Any]]) -> Told:
        told = self._functions["delivery"].tell({"Records": records})
        if told.error is None:
            failed = {failure["itemIdentifier"] for failure in told.result["batchItemFailures"]}
            self._stand_in.delete(record["receiptHandle"] for record in records if record["messageId"] not in failed)
        return told


class Alertmanager:
    """A server that takes alerts and tells its channels later; the moments are those of the stand-in's answers."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, start_ms: float, stand_in: StandIn) -> None:
        self._process = process
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._start_ms = start_ms
        self._stand_in = stand_in

    def starts(self) -> Mapping[str, Start]:
        """Tell how long it took to be ready."""
        return {"alertmanager": Start(self._start_ms, 0)}

    def tell(self, event: Event) -> Mapping[str, Told]:
        """Post an alert, and wait for both channels."""
        self._stand_in.forget()
        cpu, began = self._cpu_seconds(), time.monotonic()
        status = self._post(event)
        self._stand_in.wait(slack=1, sns=1, seconds=PATIENCE_SECONDS)
        arrived = self._stand_in.arrivals()
        moments = [each[0] for each in (*arrived.slack_taken, *arrived.sns_taken)]
        ended = max(moments, default=time.monotonic())
        used = self._cpu_seconds() - cpu
        return {"alertmanager": Told((ended - began) * 1000, used * 1000, 0, began, status, None)}

    def storm(self, events: Iterable[Event], seconds: float) -> Mapping[str, float]:
        """Post all, and wait until nothing new is told."""
        deadline = time.monotonic() + seconds
        cpu = self._cpu_seconds()
        posted = sum(1 for _ in map(self._post, events))
        while time.monotonic() < deadline:
            time.sleep(1)
            if all(f"[FIRING:{posted}]" in text for text in self._newest()):
                break
        return {"alertmanager": self._cpu_seconds() - cpu}

    def settle(self, seconds: float) -> None:
        """Do nothing: *tell* has waited."""

    def count_sdk(self) -> bool:
        """Decline: it is no Python."""
        return False

    def usage(self) -> Mapping[str, Usage]:
        """Ask the kernel."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        (peak,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
        return {"alertmanager": Usage(int(peak) / 1024, 0)}

    def _newest(self) -> tuple[str, str]:
        arrived = self._stand_in.arrivals()
        slack = arrived.slack_taken[-1][1] if arrived.slack_taken else ""
        email = arrived.sns_taken[-1][1].get("Subject", "") if arrived.sns_taken else ""
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


@contextmanager
def alertmanager(binary: str, stand_in: StandIn, folder: Path, *, together: bool) -> Iterator[Alertmanager]:
    """Start Alertmanager on loopback; *together* waits for a group as this project's queue does for a batch."""
    settings = {"group_by": "alertname", "group_wait": "5s"} if together else {"group_by": "'...'", "group_wait": "0s"}
    configuration = folder / "alertmanager.yml"
    configuration.write_text(
        CONFIGURATION.format(stand_in=stand_in.url, webhook=WEBHOOK_PATH, topic=TOPIC, **settings), encoding="utf-8"
    )
    port = _free_port()
    command = [
        binary,
        f"--config.file={configuration}",
        f"--storage.path={folder}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        "--log.level=error",
    ]
    began = time.perf_counter()
    with (folder / "alertmanager.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:  # noqa: S603 - Debian's
        try:
            while not _ready(port):
                time.sleep(0.002)
            yield Alertmanager(process, port, (time.perf_counter() - began) * 1000, stand_in)
        finally:
            process.send_signal(signal.SIGKILL)


def _free_port() -> int:
    import socket

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
