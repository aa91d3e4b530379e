import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from sysconfig import get_path
from typing import Final

import pytest

from tests.samples import EVENTS

ROOT: Final = Path(__file__).parent.parent.parent
PIP: Final = ("-m", "pip", "--disable-pip-version-check", "install", "-qq", "--no-deps", "--no-build-isolation")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(name="site", scope="module")
def fixture_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel that is built from the source distribution, which has to be complete."""
    folder = tmp_path_factory.mktemp("installation")
    for command in (
        [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(folder)],
        [sys.executable, *PIP, "--no-index", "--target", str(folder / "site"), "{sdist}"],
    ):
        sdist = next(map(str, folder.glob("*.tar.gz")), "")
        subprocess.run([part.format(sdist=sdist) for part in command], cwd=ROOT, check=True, capture_output=True)
    return folder / "site"


@pytest.fixture(name="run")
def fixture_run(site: Path, tmp_path: Path) -> Run:
    """Run the installed command in an empty folder, without the repository on the path and without any settings."""
    # -S reads no .pth file, which would add the repository; the other packages are those of these tests.
    environment = {"PYTHONPATH": os.pathsep.join([str(site), get_path("purelib")]), "HOME": str(tmp_path)}

    def run(*arguments: str, standard_input: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-S", str(site / "bin/notifier"), *arguments]
        return subprocess.run(
            command, input=standard_input, cwd=tmp_path, env=environment, capture_output=True, check=False, text=True
        )

    return run


def test_the_wheel_takes_no_common_name(site: Path) -> None:
    """A package `notifier` or `handlers` of somebody else stays as it is."""
    assert {file.name.partition("-")[0] for file in site.iterdir()} == {"bin", "proton_notifier"}
    assert [file.name for file in (site / "bin").iterdir()] == ["notifier"]


def test_the_installed_command_reads_a_sample_event_by_its_name(run: Run) -> None:
    """Somebody without a clone has something to try."""
    done = run("preview", "--channel", "slack", "service-created")

    assert (done.returncode, done.stderr) == (0, "")
    assert "service checkout is active" in done.stdout


def test_a_file_is_preferred_to_a_sample_event_of_the_same_name(run: Run, tmp_path: Path) -> None:
    """Nobody sees another event than their own."""
    (tmp_path / "service-created").write_text(
        (EVENTS / "service-template-deleted.json").read_text("utf-8"), encoding="utf-8"
    )

    assert "was deleted" in run("preview", "--channel", "slack", "service-created").stdout


def test_the_installed_command_runs_the_stack(run: Run) -> None:
    """The template and the functions travel along."""
    done = run("demo", "--storm", "3")

    assert (done.returncode, done.stderr) == (0, "")
    assert "could not" in done.stdout


def test_the_installed_command_checks_routes(run: Run) -> None:
    """The types of channels and the time zones are found."""
    document = "[destinations.a]\ntype = 'teams'\nwebhook = 'a/b'\n[[routes]]\nto = ['a']\n"

    done = run("routes", "check", "-", standard_input=document)

    assert (done.returncode, done.stdout, done.stderr) == (0, "valid: 1 destination, 1 route\n", "")


def test_the_installed_command_needs_aws_settings_only_for_a_deployed_stack(run: Run) -> None:
    """The error says what to set."""
    done = run("incidents", "list", "--stack", "shop")

    assert done.returncode == 1
    assert done.stderr.startswith("shop: there is no region: give --region")
