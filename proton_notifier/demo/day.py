"""The order of the demo: a day of a team, then the other sample events, then odd and hostile ones."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

# A deployment waits for two people, fails, rolls back, and is mended; an alarm tells of it meanwhile.
DAY: Final = (
    "code-build-build-failed",
    "code-build-build-succeeded",
    "code-pipeline-started",
    "code-pipeline-action-waits-for-approval",
    "code-pipeline-action-approved",
    "cloud-formation-stack-update-started",
    "ecs-deployment-started",
    "ecs-hook-waits-for-a-person",
    "ecs-hook-was-passed",
    "ecs-service-cannot-start-its-tasks",
    "cloud-watch-alarm-goes-off",
    "ecs-deployment-rolling-back",
    "ecs-deployment-failed",
    "cloud-formation-stack-update-failed-and-is-rolling-back",
    "cloud-formation-stack-update-failed-and-was-rolled-back",
    "code-pipeline-action-failed",
    "code-pipeline-failed",
    "cloud-watch-alarm-is-over",
    "ecs-deployment-completed",
    "cloud-formation-stack-updated",
    "code-pipeline-recovered",
)
ODD: Final = re.compile(r"-(with|without)-|-of-a-later-type$")


def in_order(files: Iterable[Path]) -> list[Path]:
    """Sort the event *files* of the demo."""
    places = {name: place for place, name in enumerate(DAY)}
    return sorted(files, key=lambda file: (ODD.search(file.stem) is not None, places.get(file.stem, len(DAY)), file))
