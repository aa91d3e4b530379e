from threading import Barrier

import pytest

from notifier.delivery.parallel_calls import MAX_PARALLEL_CALLS, call_each


def test_calls_are_made_together_and_answered_in_order() -> None:
    """Each waits here for all others of its round."""
    together = Barrier(MAX_PARALLEL_CALLS, timeout=30)

    def call(number: int) -> int:
        together.wait()
        return -number

    numbers = [*range(2 * MAX_PARALLEL_CALLS)]

    assert [*call_each(call, numbers, lambda: True)] == [(number, -number) for number in numbers]


def test_nothing_is_called_when_time_is_up() -> None:
    """It is asked for before each round."""
    rounds = [True, True, False]

    made = [*call_each(str, range(3 * MAX_PARALLEL_CALLS), lambda: rounds.pop(0))]

    assert made == [(number, str(number)) for number in range(2 * MAX_PARALLEL_CALLS)]
    assert rounds == []


@pytest.mark.parametrize("numbers", [[0], [0, 1], [*range(MAX_PARALLEL_CALLS + 1)]])
def test_an_error_comes_when_its_round_is_over(numbers: list[int]) -> None:
    """Nobody is at work any more then, and no further round begins."""
    called = []

    def call(number: int) -> None:
        called.append(number)
        if number == 0:
            message = "no"
            raise ValueError(message)

    with pytest.raises(ValueError, match="no"):
        [*call_each(call, numbers, lambda: True)]

    assert sorted(called) == numbers[:MAX_PARALLEL_CALLS]
