"""The machine of a run, and the versions of the subjects."""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from bench.subjects.alertmanager import ALERTMANAGER
from bench.subjects.catalog import BINARY


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
    """Look up the versions of all subjects; *peers* is the Python that has the peers."""
    found = {name: version(name) for name in ("boto3", "urllib3", "pydantic", "aws-lambda-powertools")}
    if shutil.which(peers):
        code = "from importlib.metadata import version; print(*map(version, ('apprise', 'c7n-mailer', 'botocore')))"
        names = ("apprise", "c7n-mailer", "botocore (peers)")
        found |= dict(zip(names, _output(peers, "-c", code).split(), strict=True))
    if shutil.which(BINARY):
        found[ALERTMANAGER] = _output(BINARY, "--version").split()[2]
    return found


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
