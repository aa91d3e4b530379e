"""The results of a run as JSON: the measurements make them, results.json stores them, and the reports read them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).parent / "results.json"
# The names of this project, and of the subject to which all subjects are compared.
OUR_NAME: Final = "proton-notifier"
BASELINE_NAME: Final = "baseline"

Result = Mapping[str, Any]


def read(file: Path = FILE) -> Result:
    """Read the results of the last run."""
    return dict(json.loads(file.read_bytes()))


def write(run: Result, file: Path = FILE) -> None:
    """Write *run* to *file*."""
    file.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
