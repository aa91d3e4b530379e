from http import HTTPStatus

import pytest

from notifier.channels.destination import PERMANENT, Reason, reason_for

pytestmark = pytest.mark.uncounted


@pytest.mark.parametrize("listed", [None, *Reason])
@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (408, Reason.TIMED_OUT),
        (421, Reason.UNAVAILABLE),
        (425, Reason.UNAVAILABLE),
        (429, Reason.RATE_LIMITED),
        (500, Reason.UNAVAILABLE),
        (501, Reason.UNAVAILABLE),
        (529, Reason.UNAVAILABLE),
        (599, Reason.UNAVAILABLE),
    ],
)
def test_a_status_that_leaves_no_doubt_is_judged_first(status: int, reason: Reason, listed: Reason | None) -> None:
    """Whatever words come with it, it passes."""
    assert reason_for(status, listed) is reason


@pytest.mark.parametrize("status", [200, 400, 403, 404, 413])
@pytest.mark.parametrize("listed", Reason)
def test_the_words_are_judged_next(status: int, listed: Reason) -> None:
    """They know more than the status."""
    assert reason_for(status, listed) is listed


@pytest.mark.parametrize("status", [*map(int, HTTPStatus), 418, 499, 599])
def test_without_known_words_only_three_statuses_are_about_the_content(status: int) -> None:
    """A digest is halved for its content alone."""
    reason = reason_for(status, None)

    assert (reason is Reason.REJECTED) == (status in {400, 413, 422})
    assert (reason in PERMANENT) == (300 <= status < 500 and status not in {408, 421, 425, 429})
