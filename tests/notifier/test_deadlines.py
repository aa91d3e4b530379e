from math import inf

import pytest

from notifier.channels.deadlines import remaining, within


def test_without_a_limit_there_is_none() -> None:
    """Who reads a secret outside of a send has its client's time-outs alone."""
    assert remaining() == inf


def test_an_outer_limit_holds_inside() -> None:
    """A part of a send may take less than the whole, never more."""
    with within(10), within(1_000):
        assert remaining() <= 10

    assert remaining() == inf


def test_an_inner_limit_ends_with_its_part() -> None:
    """What comes after it has the time of the whole."""
    with within(1_000):
        with within(10):
            assert remaining() <= 10
        assert remaining() > 10


def test_when_it_has_passed_nothing_more_begins() -> None:
    """There are no negative time-outs."""
    with within(0), pytest.raises(TimeoutError):
        remaining()
