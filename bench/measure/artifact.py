"""The artifact for Lambda: its size, and a copy without bytecode."""

import io
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.results import Artifact

SOURCE: Final = Path(__file__).parents[2] / "src"
PINNED: Final = re.compile(r"^(?P<name>[\w-]+)==", re.MULTILINE)


class BuildError(Exception):
    """The build of the artifact failed."""


def build_artifact() -> Artifact:
    """Build the artifact as `sam build` does, and zip it.

    Raise `BuildError` if the build fails, as it does without a package index.
    """
    with TemporaryDirectory() as folder:
        target = f"ARTIFACTS_DIR={folder}"
        command = ["make", "-s", "-f", "../Makefile", "build-EventsFunction", target, f"PYTHON={sys.executable}"]
        build = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, check=False)
        if build.returncode:
            raise BuildError(build.stderr.strip().splitlines()[-1])
        return Artifact(zipped_bytes(Path(folder)), any(Path(folder).rglob("*.pyc")))


def zipped_bytes(folder: Path) -> int:
    """Zip the files in *folder*, and count the bytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(folder.rglob("*")):
            packed.write(file, file.relative_to(folder))
    return len(archive.getvalue())


def copy_uncached(folder: Path) -> None:
    """Copy the sources, and the packages that ship with them, into *folder* without bytecode."""
    for package in ("handlers", "notifier"):
        shutil.copytree(SOURCE / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in PINNED.findall((SOURCE / "requirements.txt").read_text(encoding="utf-8")):
        for origin, path in _files(name):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(origin, folder / path)


def _files(name: str) -> Iterator[tuple[Path, Path]]:
    for file in distribution(name).files or []:
        path = Path(file)
        if "__pycache__" not in path.parts and ".." not in path.parts:
            yield Path(str(file.locate())), path
