import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from sysconfig import get_path
from typing import Final

import pytest

from tests.samples import EVENTS

ROOT: Final = Path(__file__).parent.parent.parent
# What an installer writes into the script `notifier`.
SCRIPT: Final = """
import sys
from importlib.metadata import entry_points
(entry,) = entry_points(group="console_scripts", name="notifier")
sys.exit(entry.load()())
"""
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(name="site", scope="module")
def fixture_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel that is built from the source distribution, which has to be complete."""
    folder = tmp_path_factory.mktemp("installation")
    _build("sdist", ROOT, folder)
    (sdist,) = folder.glob("*.tar.gz")
    shutil.unpack_archive(sdist, folder, filter="data")
    _build("wheel", folder / sdist.name.removesuffix(".tar.gz"), folder)
    (wheel,) = folder.glob("*.whl")
    # A wheel of pure Python is installed when it is unpacked, except for its scripts.
    shutil.unpack_archive(wheel, folder / "site", "zip")
    return folder / "site"


def _build(target: str, project: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=project, check=True, capture_output=True)


@pytest.fixture(name="run")
def fixture_run(site: Path, tmp_path: Path) -> Run:
    """Run the installed command in an empty folder, without the repository on the path and without any settings."""
    # -S reads no .pth file, which would add the repository; the other packages are those of these tests.
    environment = {"PYTHONPATH": os.pathsep.join([str(site), get_path("purelib")]), "HOME": str(tmp_path)}

    def run(*arguments: str, standard_input: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-S", "-c", SCRIPT, *arguments]
        return subprocess.run(
            command, input=standard_input, cwd=tmp_path, env=environment, capture_output=True, check=False, text=True
        )

    return run


def test_the_wheel_takes_no_common_name(site: Path) -> None:
    """A package `notifier` or `handlers` of somebody else stays as it is."""
    (package, metadata) = sorted(file.name for file in site.iterdir())

    assert package == "proton_notifier"
    assert metadata.endswith(".dist-info")


def test_the_installed_command_has_the_version_of_the_project(run: Run) -> None:
    """It is read out of the wheel's metadata."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert run("--version").stdout == f"notifier {project['version']}\n"


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
