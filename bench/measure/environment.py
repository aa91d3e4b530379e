"""The machine of a run, the versions of the subjects, and the artifact for Lambda."""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from importlib.metadata import distribution, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.results import Result
from bench.subjects.alertmanager import ALERTMANAGER
from bench.subjects.catalog import BINARY

SOURCE: Final = Path(__file__).parents[2] / "src"
# Other environments have no pip.
PYTHON: Final = SOURCE.parent / ".venv-lock" / "bin" / "python"


def machine() -> Mapping[str, str]:
    """Describe the machine."""
    processors = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": processors[0] if processors else platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
    }


def versions(peers: str) -> Mapping[str, str]:
    """Look up the versions of all subjects; *peers* is the Python interpreter with the peers."""
    found = {name: version(name) for name in ("boto3", "urllib3", "pydantic", "aws-lambda-powertools")}
    if shutil.which(peers):
        code = "from importlib.metadata import version; print(*map(version, ('apprise', 'c7n-mailer', 'botocore')))"
        output = subprocess.check_output([peers, "-c", code], text=True)
        found |= dict(zip(("apprise", "c7n-mailer", "botocore (peers)"), output.split(), strict=True))
    if shutil.which(BINARY):
        found[ALERTMANAGER] = subprocess.check_output([BINARY, "--version"], text=True).split()[2]
    return found


def build_artifact() -> Result:
    """Build the artifact as `sam build` does, and zip it; with a Python of Lambda's version, it contains bytecode.

    Raise `subprocess.CalledProcessError` if the build fails, for example without a package index.
    """
    with TemporaryDirectory() as folder:
        Path(folder, "artifact").mkdir()
        target = f"ARTIFACTS_DIR={folder}/artifact"
        command = ["make", "-s", "-f", "../Makefile", "build-EventsFunction", target, f"PYTHON={PYTHON}"]
        subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, check=True)
        archive = shutil.make_archive(f"{folder}/archive", "zip", f"{folder}/artifact")
        return {"zipped_bytes": Path(archive).stat().st_size, "has_bytecode": any(Path(folder).rglob("*.pyc"))}


def copy_uncached(folder: Path) -> None:
    """Copy the sources, and the packages that ship with them, into *folder* without bytecode."""
    for package in ("handlers", "notifier"):
        shutil.copytree(SOURCE / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    pinned = (SOURCE / "requirements.txt").read_text(encoding="utf-8")
    for name in re.findall(r"^([\w-]+)==", pinned, re.MULTILINE):
        for file in distribution(name).files or []:
            if not {"__pycache__", ".."} & set(file.parts):
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), folder / file)
