import pytest

from bench.fakes.services import FakeServices
from bench.subjects.alertmanager import alertmanager
from bench.subjects.runners import Setup, SubjectError


def test_a_server_that_ends_before_it_is_ready_is_an_error() -> None:
    """The benchmark does not wait for it for ever."""
    with (
        FakeServices() as fake,
        pytest.raises(SubjectError, match="false ended with status 1"),
        alertmanager("false", Setup(), fake),
    ):
        pass
