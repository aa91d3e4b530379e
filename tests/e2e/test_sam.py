"""The built functions in the Lambda runtime's image, as `sam local invoke` runs them.

`SAM_LOCAL_FLAGS` adds options to `sam local invoke`, such as `--skip-pull-image`.
"""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from notifier.channels.digest import DIGEST_MINIMUM
from tests.cold_starts import loaded
from tests.samples import EVENTS, NAMES, event, notification

ROOT: Final = Path(__file__).parent.parent.parent
SAM: Final = ROOT / ".venv-sam/bin/sam"
BUILD: Final = ROOT / ".aws-sam/build"
FUNCTIONS: Final = ("DeliveryFunction", "EventsFunction")
FLAGS: Final = ("--docker-network", "host", *os.environ.get("SAM_LOCAL_FLAGS", "").split())
MEGABYTE: Final = 1_000_000
HANDLERS: Final = {"DeliveryFunction": "delivery", "EventsFunction": "events"}

pytestmark = pytest.mark.docker


def sam(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the SAM CLI in the project's folder."""
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0"}
    return subprocess.run([SAM, *arguments], cwd=ROOT, env=environment, check=False, capture_output=True, text=True)


def invoke(file: Path, *function: str) -> tuple[Any, str]:
    """Invoke a function with *file* as its event; return its answer and what it wrote."""
    done = sam("local", "invoke", *function, "--event", str(file), *FLAGS)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_the_template_is_valid() -> None:
    """SAM's own linter finds nothing."""
    done = sam("validate")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "is a valid SAM Template" in done.stdout


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_artifact_is_small_and_holds_what_ships(function: str, tmp_path: Path) -> None:
    """Our two packages and their dependencies, no AWS SDK, no tests, under 5.5 MB as it is uploaded."""
    with (tmp_path / "artifact.zip").open("wb") as file, ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for shipped in (BUILD / function).rglob("*"):
            archive.write(shipped, shipped.relative_to(BUILD / function))
    packages = {path.name for path in (BUILD / function).iterdir() if path.is_dir() and "-" not in path.name}

    assert (tmp_path / "artifact.zip").stat().st_size < 5.5 * MEGABYTE
    assert {"handlers", "notifier"} <= packages
    assert not {"boto3", "botocore", "proton_notifier", "tests"} & packages


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_artifact_has_bytecode_where_it_can_be_made(function: str) -> None:
    """Of all that a cold start loads, by a Python like Lambda's; otherwise of nothing."""
    found = [file for folder in os.get_exec_path() if (file := Path(folder, "python3.13")).is_file()]
    # One that pyenv has and did not choose is found, too, and does not run.
    runs = [subprocess.run([file, "-c", ""], check=False, capture_output=True) for file in found]
    places = [BUILD / function / module.replace(".", "/") for module in loaded(HANDLERS[function])]
    files = {file for place in places for file in (place / "__init__.py", place.with_suffix(".py")) if file.is_file()}
    without = {file for file in files if not (file.parent / f"__pycache__/{file.stem}.cpython-313.pyc").is_file()}

    assert len(files) > 100
    assert without == (set() if any(run.returncode == 0 for run in runs) else files)


# One sample of each type of resource: each takes seconds, and all of them go through the local stack.
ONE_OF_EACH: Final = sorted({notification(event(name)).resource_type: name for name in NAMES}.values())


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_the_first_function_says_what_it_made_of_an_event(name: str) -> None:
    """Without a function's name, as samconfig.toml has it; the messages are printed."""
    composed = notification(event(name))

    summary, written = invoke(EVENTS / f"{name}.json")

    assert summary["id"] == composed.event_id
    assert summary["severity"] == composed.severity
    assert summary["title"] == composed.title
    for destination in summary["destinations"]:
        assert {"email": "would be sent to email", "slack": "would be sent to slack"}[destination] in written


@pytest.mark.parametrize("file", sorted(EVENTS.glob("deliveries/*.json")), ids=lambda file: file.stem)
def test_the_second_function_sends_each_delivery(file: Path) -> None:
    """Every record of the batch is printed, three and more for one destination as a digest, and none goes back."""
    records = json.loads(file.read_text(encoding="utf-8"))["Records"]
    deliveries = Counter(json.loads(record["body"])["destination"] for record in records)
    messages = sum(1 if number >= DIGEST_MINIMUM else number for number in deliveries.values())

    answer, written = invoke(file, "DeliveryFunction")

    assert answer == {"batchItemFailures": []}
    assert written.count("--- would be sent to ") == messages


def test_what_is_no_event_fails_the_invocation(tmp_path: Path) -> None:
    """The error names what is missing."""
    file = tmp_path / "none.json"
    file.write_text('{"hello": "world"}', encoding="utf-8")

    answer, _ = invoke(file)

    assert answer["errorType"] == "ValidationError"
    assert "detail-type\n  Field required" in answer["errorMessage"]
