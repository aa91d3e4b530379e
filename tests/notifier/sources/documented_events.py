"""The events that AWS documents or that were captured, and a walk through their values."""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from notifier.model.composition import compose
from notifier.model.notification import Notification
from notifier.model.status_change import Reading
from notifier.sources.envelope import Event
from notifier.sources.reader import EventType
from notifier.sources.table import SOURCES, source_of
from tests.samples import event

DOCUMENTED: Final = Path(__file__).parent / "documented"
# The form in which a notification rule of the developer tools sends a pipeline's event to a topic: no event of a bus.
NO_EVENTS: Final = {"cp_processed_pipeline_failed"}
# Every table of a source, by detail-type.
EVENT_TYPES: Final[dict[str, EventType]] = {
    detail_type: row
    for source in SOURCES
    for detail_type, row in getattr(import_module(source.module), "EVENT_TYPES", {}).items()
}
# A sample of each detail-type of Proton, with the fields of its user guide.
PROTON: Final = (
    "component-deployment-failed",
    "deployment-failed",
    "environment-account-connection-accepted",
    "environment-deployment-failed",
    "environment-template-published",
    "environment-template-version-registered",
    "service-created",
    "service-instance-deployment-failed",
    "service-pipeline-deployment-failed",
    "service-template-deleted",
    "service-template-version-published",
)
EVENTS: Final[dict[str, dict[str, Any]]] = {
    file.stem: json.loads(file.read_text(encoding="utf-8"))
    for file in sorted(DOCUMENTED.glob("*.json"))
    if file.stem not in NO_EVENTS
} | {name: event(name) for name in PROTON}
# Those whose source has a table.
READ: Final = {name: raw for name, raw in EVENTS.items() if raw["detail-type"] in EVENT_TYPES}


def read(raw: object) -> Reading:
    """Read a raw event by its source."""
    parsed = Event.model_validate(raw)
    return source_of(parsed).read(parsed)


def notification(raw: object) -> Notification:
    """Compose the notification of a raw event."""
    return compose(read(raw), {})


def leaves(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Walk to each value of *value* that is neither an object nor a list."""
    match value:
        case dict():
            for key, each in value.items():
                yield from leaves(each, (*path, key))
        case list():
            for number, each in enumerate(value):
                yield from leaves(each, (*path, number))
        case _:
            yield path


def changed(raw: object, path: tuple[str | int, ...], value: object) -> Any:  # noqa: ANN401 - JSON
    """Copy *raw* with *value* at *path*."""
    if not path:
        return value
    head, *rest = path
    copy: Any = dict(raw) if isinstance(raw, dict) else list(raw) if isinstance(raw, list) else raw
    copy[head] = changed(copy[head], tuple(rest), value)
    return copy


def without(raw: object, path: tuple[str | int, ...]) -> Any:  # noqa: ANN401 - JSON
    """Copy *raw* without what stands at *path*."""
    *rest, last = path
    parent: Any = raw
    for key in rest:
        parent = parent[key]
    left: Any = dict(parent) if isinstance(parent, dict) else list(parent)
    del left[last]
    return changed(raw, tuple(rest), left)
