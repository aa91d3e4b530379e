"""ministack on loopback: AWS for `sam deploy` and for the `notifier` command, in processes of their own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar
from unittest.mock import patch
from urllib.request import urlopen

import boto3

from tests.ministack.reduced_template import reduced

ROOT: Final = Path(__file__).parent.parent.parent
PYTHON: Final = ROOT / ".venv-ministack/bin/python"
SAM: Final = ROOT / ".venv-sam/bin/sam"
ACCOUNT: Final = "123456789012"
REGION: Final = "eu-west-1"
STACK: Final = "proton-notifier"
# On a busy machine; nothing waits as long when all is well.
PATIENCE_SECONDS: Final = 120
# It ends with whoever started it, and so do the processes that it runs functions in. Only AWS sends events with its own
# sources; here it does.
SERVER: Final = """
import os, signal, sys, threading
from ministack import app
from ministack.services import eventbridge
def end():
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)
threading.Thread(target=end, daemon=True).start()
eventbridge._put_events.__defaults__ = (True,)
app.main()
"""

Found = TypeVar("Found")


@contextmanager
def emulator(folder: Path) -> Iterator[None]:
    """Run ministack, with its files in *folder*, and make this process and those it starts its clients."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    bare = {"HOME": str(folder), "LANG": "C.UTF-8", "PATH": os.environ["PATH"], "TMPDIR": str(folder)}
    log = (folder / "ministack.log").open("wb")
    server = subprocess.Popen(
        [PYTHON, "-c", SERVER],
        env={
            **bare,
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "IOT_MTLS_ENABLED": "0",  # else it listens to everybody
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
        },
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    clients = {
        **bare,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_CONFIG_FILE": str(folder / "none"),
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"),
        "SAM_CLI_TELEMETRY": "0",
    }
    try:
        eventually(lambda: _answers(port, server))
        with patch.dict(os.environ, clients, clear=True), patch.object(boto3, "DEFAULT_SESSION", None):
            yield
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.communicate()
        log.close()


def _answers(port: int, server: "subprocess.Popen[bytes]") -> bool:
    assert server.poll() is None, "ministack has ended"
    with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/_ministack/health") as answer:
        return bool(answer.status)
    return False


def eventually(found: Callable[[], Found]) -> Found:
    """Ask until something is *found*, and return it."""
    patience_ends_at = time.monotonic() + PATIENCE_SECONDS
    while not (what := found()):
        assert time.monotonic() < patience_ends_at, "nothing was found"
        time.sleep(0.1)
    return what


def deploy(folder: Path, **parameters: str) -> None:
    """Deploy the built template, or update the stack with it."""
    file = folder / "template.json"
    file.write_text(json.dumps(reduced()[0]), encoding="utf-8")
    run(
        SAM, "deploy", "--template-file", file, "--config-file", ROOT / "samconfig.toml", "--stack-name", STACK,
        "--no-confirm-changeset", "--no-progressbar",
        "--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items()),
    )  # fmt: skip


def notifier(*arguments: str | Path) -> str:
    """Run the `notifier` command; return what it printed."""
    return run(sys.executable, "-m", "proton_notifier.main", *arguments)


def run(*command: str | Path) -> str:
    """Run *command*, which has to succeed; return what it printed."""
    done = subprocess.run(command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def resources() -> Mapping[str, tuple[str, str]]:
    """List the stack's resources: type and physical id by logical id."""
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
    return {
        each["LogicalResourceId"]: (each["ResourceType"], each["PhysicalResourceId"])
        for page in pages
        for each in page["StackResourceSummaries"]
    }


def put(raw: Mapping[str, Any]) -> None:
    """Put an event on the bus."""
    answer = boto3.client("events").put_events(
        Entries=[
            {
                "Source": raw["source"],
                "DetailType": raw["detail-type"],
                "Detail": json.dumps(raw["detail"]),
                "Resources": raw["resources"],
            }
        ]
    )
    assert answer["FailedEntryCount"] == 0, answer
