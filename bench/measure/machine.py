"""The machine of a run, and the versions of the subjects."""

import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from bench.subjects.catalog import BINARY


def machine() -> Mapping[str, str]:
    """Describe the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
    }


def versions(peers: str) -> Mapping[str, str]:
    """Look up the versions of all subjects; *peers* is the Python that has the peers."""
    ours = {name: version(name) for name in ("boto3", "urllib3", "pydantic", "aws-lambda-powertools")}
    return {**ours, **_peers(peers), **_alertmanager()}


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text(encoding="utf-8").splitlines() if information.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _peers(python: str) -> dict[str, str]:
    if not shutil.which(python):
        return {}
    names = ("apprise", "c7n-mailer", "botocore")
    code = f"from importlib.metadata import version; print(*map(version, {names}))"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    return {f"{name} (peers)" if name == "botocore" else name: each for name, each in zip(names, found, strict=True)}


def _alertmanager() -> dict[str, str]:
    if not shutil.which(BINARY):
        return {}
    answer = subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True)
    return {"Alertmanager": answer.stdout.split()[2]}
