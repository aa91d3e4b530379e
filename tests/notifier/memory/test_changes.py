"""Changes, as the memory reads them."""

from dataclasses import replace

import pytest

from notifier.memory.changes import can_have_incidents, depth_of
from notifier.memory.history import OPERATIONS_LIMIT, Entry, Kind, Summary, fold
from notifier.sources.envelope import Event
from notifier.sources.table import source_of
from tests.samples import event


def test_a_resource_without_a_name_has_no_incidents() -> None:
    """The success of another one without a name would end them."""
    parsed = Event.model_validate(event("service-instance-deployment-failed"))
    change = source_of(parsed).read(parsed).change

    assert can_have_incidents(change)
    assert can_have_incidents(replace(change, key="", arn=None))
    assert not can_have_incidents(replace(change, key="", arn=None, name=None))


@pytest.mark.parametrize(
    ("names", "depths"),
    [
        (("service-update-failed", "service-instance-deployment-failed"), [False, True]),
        (("code-pipeline-failed", "code-pipeline-action-failed"), [False, False]),
    ],
)
def test_a_part_is_deeper_than_its_whole(names: tuple[str, ...], depths: list[bool]) -> None:
    """A part with the key of its parent is reported as the parent."""
    parsed = [Event.model_validate(event(name)) for name in names]

    assert [depth_of(source_of(each).read(each).change) > 0 for each in parsed] == depths


def test_a_resource_that_only_makes_progress_stays_small() -> None:
    """The memory knows the last operations of it."""
    entries = [Entry(f"e{number:03}", number, Kind.PROGRESS, operation=f"{number // 2}") for number in range(200)]

    assert fold(Summary(), entries).operations == tuple(map(str, range(100 - OPERATIONS_LIMIT, 100)))
