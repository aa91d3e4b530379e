"""The artifact for Lambda: its size, and a copy without bytecode."""

import re
import shutil
import subprocess
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.results import Result

SOURCE: Final = Path(__file__).parents[2] / "src"
# Other environments have no pip.
PYTHON: Final = SOURCE.parent / ".venv-lock" / "bin" / "python"
PINNED: Final = re.compile(r"^(?P<name>[\w-]+)==", re.MULTILINE)


def build_artifact() -> Result:
    """Build the artifact as `sam build` does, and zip it; it has bytecode if there is a Python of Lambda's version.

    Raise `subprocess.CalledProcessError` if the build fails, as it does without a package index.
    """
    with TemporaryDirectory() as folder:
        Path(folder, "artifact").mkdir()
        target = f"ARTIFACTS_DIR={folder}/artifact"
        command = ["make", "-s", "-f", "../Makefile", "build-EventsFunction", target, f"PYTHON={PYTHON}"]
        subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, check=True)
        archive = shutil.make_archive(f"{folder}/archive", "zip", f"{folder}/artifact")
        has_bytecode = any(Path(folder).rglob("*.pyc"))
        return {"zipped_bytes": Path(archive).stat().st_size, "has_bytecode": has_bytecode}


def copy_uncached(folder: Path) -> None:
    """Copy the sources, and the packages that ship with them, into *folder* without bytecode."""
    for package in ("handlers", "notifier"):
        shutil.copytree(SOURCE / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in PINNED.findall((SOURCE / "requirements.txt").read_text(encoding="utf-8")):
        for file in distribution(name).files or []:
            if not {"__pycache__", ".."} & set(file.parts):
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), folder / file)
