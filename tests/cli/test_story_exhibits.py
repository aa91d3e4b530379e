from datetime import UTC, datetime

import pytest

from proton_notifier.gallery.exhibits import Exhibit
from proton_notifier.replay.exhibits import story_exhibits
from proton_notifier.replay.history import read_history
from proton_notifier.replay.stack import play
from tests.browser.history import ROUTES, history


@pytest.fixture(scope="module")
def exhibits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Exhibit, ...]:
    """Play the history of the page's tests."""
    file = tmp_path_factory.mktemp("history") / "events.jsonl"
    file.write_text(history(), encoding="utf-8")
    return story_exhibits(play(read_history([file]), ROUTES))


def test_each_incident_is_a_story_and_a_digest_joins_its_own(exhibits: tuple[Exhibit, ...]) -> None:
    """Two updates of one stack each, and a storm; each event is counted once."""
    assert [len(exhibit.events) for exhibit in exhibits] == [7, 4, 10]
    assert [len(exhibit.subjects) for exhibit in exhibits] == [7, 4, 10]
    assert [exhibit.icon for exhibit in exhibits] == ["🟢", "🟢", "🟢"]
    assert exhibits[0].moments[0].at == datetime(2026, 3, 3, 10, tzinfo=UTC)


def test_a_thread_is_its_root_with_its_edits_and_then_its_replies(exhibits: tuple[Exhibit, ...]) -> None:
    """Each edit stands from its moment until the next one, and shows the time of the first post."""
    thread = [message for message in exhibits[1].messages if message.channel == "slack-bot"]

    assert [(each.since, each.until, each.is_edited, each.is_reply) for each in thread] == [
        (1, 3, False, False),
        (3, 5, True, False),
        (5, 7, True, False),
        (7, None, True, False),
        (3, None, False, True),
        (7, None, False, True),
    ]
    assert {each.at for each in thread if not each.is_reply} == {thread[0].at}


def test_a_moment_says_once_what_several_places_show(exhibits: tuple[Exhibit, ...]) -> None:
    """With the places behind it, beside the event and what was decided."""
    _, came, said = (moment.lines for moment in exhibits[1].moments[1:4])

    assert [places for _, places in said] == ["deployments reply, deployments edit, email publish"]
    assert [text.rpartition("; ")[2] for text, _ in came] == ["finished, to email, deployments"]


def test_an_event_has_the_title_that_was_said_of_it(exhibits: tuple[Exhibit, ...]) -> None:
    """With the account's name, which the routes document knows."""
    titles = [notification.title for exhibit in exhibits for notification in exhibit.notifications]

    assert [title for title in titles if not title.startswith("production: ")] == []
