from math import inf

import pytest

from notifier.channels.deadlines import deadline, remaining_seconds


def test_without_a_limit_there_is_none() -> None:
    """A secret that is read outside of a send has its client's time-outs alone."""
    assert remaining_seconds() == inf


def test_an_outer_limit_holds_inside() -> None:
    """A part of a send may take less than the whole, never more."""
    with deadline(10), deadline(1_000):
        assert remaining_seconds() <= 10

    assert remaining_seconds() == inf


def test_an_inner_limit_ends_with_its_part() -> None:
    """The rest of the send has the outer limit."""
    with deadline(1_000):
        with deadline(10):
            assert remaining_seconds() <= 10
        assert remaining_seconds() > 10


def test_when_it_has_passed_nothing_more_begins() -> None:
    """There are no negative time-outs."""
    with deadline(0), pytest.raises(TimeoutError):
        remaining_seconds()
