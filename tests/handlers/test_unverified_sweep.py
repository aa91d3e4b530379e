from unittest.mock import patch

import pytest

from handlers.incidents import sweep
from notifier.memory.store import Memory
from notifier.routes.live import LiveRoutes, RoutesError
from tests.documents import OWN


def test_nothing_is_said_by_routes_that_may_be_the_wrong_ones() -> None:
    """The error makes the platform try again."""
    memory = patch.object(Memory, "due", return_value=iter(["a resource"]), autospec=True)
    unverified = LiveRoutes(OWN, "the routes could not be read", unverified=True)

    with (
        memory,
        patch.object(sweep, "live_routes", return_value=unverified),
        pytest.raises(RoutesError, match="be read"),
    ):
        sweep.sweep(Memory(None, "memory", lambda: 0.0), "123456789012")  # type: ignore[arg-type]
