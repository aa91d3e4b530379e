import pytest

from bench.fakes.control import StandIn
from bench.subjects.alertmanager import alertmanager
from bench.subjects.processes import WorkerError


def test_a_server_that_ends_before_it_is_ready_is_an_error() -> None:
    """The benchmark does not wait for it for ever."""
    with (
        pytest.raises(WorkerError, match="Alertmanager ended with status 1"),
        alertmanager("false", StandIn(0), grouped=False),
    ):
        pass
