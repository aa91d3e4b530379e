from threading import Barrier

import pytest

from notifier.delivery.parallel_calls import CALLS_AT_ONCE, each


def test_calls_are_made_together_and_answered_in_order() -> None:
    """Each waits here for all others of its round."""
    together = Barrier(CALLS_AT_ONCE, timeout=30)

    def call(number: int) -> int:
        together.wait()
        return -number

    numbers = [*range(2 * CALLS_AT_ONCE)]

    assert [*each(call, numbers, lambda: True)] == [(number, -number) for number in numbers]


def test_nothing_is_called_when_time_is_up() -> None:
    """It is asked for before each round."""
    rounds = [True, True, False]

    made = [*each(str, range(3 * CALLS_AT_ONCE), lambda: rounds.pop(0))]

    assert made == [(number, str(number)) for number in range(2 * CALLS_AT_ONCE)]
    assert rounds == []


@pytest.mark.parametrize("numbers", [[0], [0, 1], [*range(CALLS_AT_ONCE + 1)]])
def test_an_error_comes_when_its_round_is_over(numbers: list[int]) -> None:
    """Nobody is at work any more then, and no further round begins."""
    called = []

    def call(number: int) -> None:
        called.append(number)
        if number == 0:
            message = "no"
            raise ValueError(message)

    with pytest.raises(ValueError, match="no"):
        [*each(call, numbers, lambda: True)]

    assert sorted(called) == numbers[:CALLS_AT_ONCE]
