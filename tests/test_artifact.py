"""The artifact for Lambda works without the files that the Makefile leaves out of its packages."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from bench.measure.environment import copy_uncached
from tests.cold_starts import loaded
from tests.samples import EVENTS

ROOT: Final = Path(__file__).parent.parent
PREVIEW: Final = (sys.executable, "-m", "proton_notifier.main", "preview", "--output", "json")
# A time zone, templates, globs, a silence, and one destination of each type that routes can declare.
ROUTES: Final = """
[accounts]
"123456789012" = "production"

[destinations.bot]
type = "slack-bot"
token = "proton-notifier/bot"
channel = "C0123456789"

[destinations.oncall]
type = "pagerduty"
routing_key = "proton-notifier/oncall"

[[routes]]
name = "night"
match = { severity = ["failure", "act*"] }
to = ["bot", "oncall"]
quiet_hours = { time_zone = "America/Argentina/Buenos_Aires", days = ["mon"], from = "00:00", to = "00:01" }
title = "${ name | upper }: ${ status | truncate(20) }"

[[routes]]
to = ["email", "slack"]
body = "{% for fact in facts %}${ fact.label }: ${ fact.value }\\n{% endfor %}"

[[silences]]
match = { name = "demo-*" }
until = 2026-12-01T00:00:00Z
reason = "a test"
by = "the team"
"""


@pytest.fixture(name="artifact", scope="module")
def fixture_artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what ships, and remove what the build removes."""
    folder = tmp_path_factory.mktemp("artifact")
    copy_uncached(folder)
    command = ["make", "-s", "remove-unused", f"ARTIFACTS_DIR={folder}"]
    subprocess.run(command, cwd=ROOT, check=True)
    return folder


@pytest.mark.parametrize("function", ["delivery", "events"])
def test_a_cold_start_finds_all_modules(function: str, artifact: Path) -> None:
    """It loads the same modules from the artifact as from the sources and whole packages."""
    assert loaded(function, artifact) == loaded(function)


def test_routes_and_channels_work(artifact: Path, tmp_path: Path) -> None:
    """Routes are validated, decide and fill templates, and each channel renders, as with whole packages."""
    (tmp_path / "routes.toml").write_text(ROUTES, encoding="utf-8")
    files = [str(file) for file in sorted(EVENTS.glob("*.json"))]

    for options in ([], ["--routes", str(tmp_path / "routes.toml")]):
        command = [*PREVIEW, *options, *files]
        whole, pruned = (
            subprocess.run(command, env={**os.environ, **path}, capture_output=True, check=True).stdout
            for path in ({}, {"PYTHONPATH": str(artifact)})
        )

        assert pruned == whole
        assert len(whole.splitlines()) == len(files)


def test_each_module_can_be_imported(artifact: Path) -> None:
    """None of the functions' modules needs a file that is not there."""
    modules = [
        file.relative_to(artifact).with_suffix("").as_posix().replace("/", ".")
        for package in ("handlers", "notifier")
        for file in sorted((artifact / package).rglob("*.py"))
    ]
    script = f"import importlib\nfor name in {modules}: importlib.import_module(name)"

    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(artifact)},
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert len(modules) > 60


def test_each_time_zone_is_there(artifact: Path) -> None:
    """Quiet hours may name any."""
    zones = (artifact / "tzdata/zones").read_text(encoding="utf-8").split()

    assert len(zones) > 500
    assert [zone for zone in zones if not (artifact / "tzdata/zoneinfo" / zone).is_file()] == []


def test_each_package_can_be_identified(artifact: Path) -> None:
    """A scanner reads the name and the version; nothing else of the metadata is uploaded."""
    metadata = sorted(artifact.glob("*.dist-info/*"))

    assert {file.name for file in metadata} == {"METADATA"}
    assert all("\nName: " in (text := file.read_text("utf-8")) and "\nVersion: " in text for file in metadata)
