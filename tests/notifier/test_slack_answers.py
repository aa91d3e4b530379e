import json
from dataclasses import replace
from typing import Any

import pytest

from notifier.channels.base import Receipt
from notifier.channels.destination import PERMANENT, DeliveryError, Reason
from notifier.channels.http.responses import ONE_WORD, Response
from notifier.channels.slack.message import message
from notifier.channels.slack.responses import (
    REASONS,
    UNUSUAL_SUCCESS,
    WORKFLOW_URL,
    check_bot,
    check_webhook,
    check_workflow,
    post_or_simplify,
)
from notifier.model.notification import Notification
from notifier.model.status_change import Severity
from proton_notifier.fakes.server import Request
from tests.faulty_slack import FaultySlack
from tests.samples import event, notification

FAILURE = notification(event("service-update-failed"))
DECORATED = replace(FAILURE, mention="@here", custom_title="Checkout is down", custom_body="Call Ada.")

# Of Slack's reference of chat.postMessage, the words about what a message holds.
CONTENT = {
    "attachment_payload_limit_exceeded",
    "invalid_arguments",
    "invalid_attachments",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_json",
    "invalid_payload",
    "json_not_object",
    "markdown_text_conflict",
    "missing_text_or_fallback_or_attachments",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "too_large",
    "too_many_attachments",
    "too_many_contact_cards",
}


def answer(status: int, text: str) -> Response:
    """Make an answer."""
    return Response(status, text, None)


def test_every_word_could_be_repeated() -> None:
    """One that is not of Slack's letters would be nobody's."""
    assert all(map(ONE_WORD.search, REASONS))


def test_only_words_about_the_content_are_rejections() -> None:
    """A digest is halved for nothing else."""
    assert {word for word, reason in REASONS.items() if reason is Reason.REJECTED} == CONTENT


@pytest.mark.parametrize(
    "text",
    [
        "ok\n",
        "OK",
        " ok ",
        "\ufeffok",
        '"ok"',
        "Ok.",
        "ok!\r\n",
        '{"ok":true}',
        '{"ok": true, "error": null}',
        '{"ok":true,"error":""}',
        '{"ok":true,"error":false}',
        '{"ok":true,"error":[]}',
        '{"ok":true,"ts":12.5}',
        '{"ok":true,"warning":"missing_charset"}',
    ],
)
@pytest.mark.parametrize("check", [check_webhook, check_workflow])
def test_what_cannot_mean_no_is_a_yes(check: Any, text: str) -> None:  # noqa: ANN401 - one of two functions
    """Posted again, it would be told again; that it was unusual is noted."""
    for status in (200, 201, 202):
        usual = check is check_workflow and text.startswith("{")

        assert check(answer(status, text)) == Receipt("" if usual else UNUSUAL_SUCCESS)


@pytest.mark.parametrize("check", [check_webhook, check_workflow, check_bot])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "not ok",
        "ok?",
        "ok, but",
        "<html>ok</html>",
        '{"ok":false}',
        '{"ok":"true"}',
        '{"ok":1}',
        '{"ok":true,"error":"no_text"}',
        '[{"ok":true}]',
        '{"status":"ok"}',
        "[" * 100_000,
    ],
)
def test_what_may_mean_no_is_no_yes(check: Any, text: str) -> None:  # noqa: ANN401 - one of three functions
    """A login page and an empty answer prove nothing: it is tried again."""
    with pytest.raises(DeliveryError) as failed:
        check(answer(200, text))

    assert failed.value.reason is Reason.UNAVAILABLE


@pytest.mark.parametrize("check", [check_webhook, check_workflow, check_bot])
def test_a_yes_with_another_status_is_no_yes(check: Any) -> None:  # noqa: ANN401 - one of three functions
    """Status and words have to agree."""
    for status, text in ((302, "ok"), (400, '{"ok":true}'), (502, '{"ok":true,"ts":"1"}')):
        with pytest.raises(DeliveryError):
            check(answer(status, text))


def test_a_bots_yes_names_its_message() -> None:
    """One that does not is a yes, too, but an unusual one."""
    assert check_bot(answer(200, '{"ok":true,"channel":"C1","ts":"1.2"}')) == Receipt(id="1.2", place="C1")
    assert check_bot(answer(200, '{"ok":true,"error":null}')) == Receipt(UNUSUAL_SUCCESS)


@pytest.mark.parametrize("word", REASONS)
def test_a_word_has_its_reason_whichever_way_it_comes(word: str) -> None:
    """In JSON with status 200, as a bot hears it, and alone with status 400, as a webhook does."""
    for check, status, text in (
        (check_bot, 200, json.dumps({"ok": False, "error": word})),
        (check_workflow, 400, json.dumps({"ok": False, "error": word})),
        (check_webhook, 400, f"{word}\n"),
    ):
        with pytest.raises(DeliveryError, match=f"^Slack answered {status} {word}$") as failed:
            check(answer(status, text))

        assert failed.value.reason is REASONS[word]


def test_a_word_of_next_year_is_not_the_contents_fault() -> None:
    """It is given up with an alarm, and no digest is taken apart."""
    with pytest.raises(DeliveryError) as failed:
        check_bot(answer(200, '{"ok":false,"error":"some_new_policy"}'))

    assert failed.value.reason is Reason.MISCONFIGURED


class Refusing:
    """Takes what *takes* says and refuses the rest."""

    def __init__(self, reason: Reason, takes: Any) -> None:  # noqa: ANN401 - a predicate of a payload
        self.reason = reason
        self.takes = takes
        self.payloads: list[dict[str, Any]] = []

    def post(self, payload: dict[str, Any]) -> Receipt:
        """Take or refuse *payload*."""
        self.payloads.append(payload)
        if not self.takes(json.dumps(payload)):
            problem = f"Slack answered {len(self.payloads)}"
            raise DeliveryError(problem, self.reason)
        return Receipt(id="1.2")


@pytest.mark.parametrize("reason", sorted(PERMANENT))
@pytest.mark.parametrize("mention", ["@here", "@channel", "U0123ABCD", "S0123ABCD"])
def test_a_refused_mention_does_not_hold_back_the_message(reason: Reason, mention: str) -> None:
    """Without it the message is accepted, and says so."""
    slack = Refusing(reason, lambda text: "<!" not in text.replace("<!date", "") and "<@" not in text)
    told = (replace(FAILURE, mention=mention),)

    receipt = post_or_simplify(told, slack.post)
    note = receipt.note

    assert receipt.id == "1.2"
    assert note == "Slack refused the mention or text that the route adds, so this is without it: Slack answered 1"
    assert slack.payloads == [message(told), message((FAILURE,), note)]
    assert note in json.dumps(slack.payloads[1])


def test_a_route_s_own_text_stays_unless_the_content_was_refused() -> None:
    """A permission has nothing to do with it."""
    unauthorised = Refusing(Reason.UNAUTHORISED, lambda text: "<!here>" not in text)
    rejected = Refusing(Reason.REJECTED, lambda text: "Checkout is down" not in text)

    post_or_simplify((DECORATED,), unauthorised.post)
    post_or_simplify((DECORATED,), rejected.post)

    assert "Call Ada." in json.dumps(unauthorised.payloads[1])
    assert "Call Ada." not in json.dumps(rejected.payloads[1])
    assert FAILURE.title in json.dumps(rejected.payloads[1])


def test_a_digest_loses_its_mentions_alike() -> None:
    """They stand in one block."""
    slack = Refusing(Reason.UNAUTHORISED, lambda text: "<!here>" not in text)
    told: tuple[Notification, ...] = (DECORATED, FAILURE, replace(FAILURE, severity=Severity.ACTION))

    assert post_or_simplify(told, slack.post).note

    assert len(slack.payloads) == 2


@pytest.mark.parametrize(
    ("told", "reason", "posts"),
    [
        (FAILURE, Reason.UNAUTHORISED, 1),
        (FAILURE, Reason.REJECTED, 1),
        (DECORATED, Reason.RATE_LIMITED, 1),
        (DECORATED, Reason.TIMED_OUT, 1),
        (DECORATED, Reason.UNAVAILABLE, 1),
        (DECORATED, Reason.GONE, 2),
    ],
)
def test_what_has_nothing_to_do_with_decoration_is_not_posted_more_often(
    told: Notification, reason: Reason, posts: int
) -> None:
    """Without decoration, or with an error that passes, there is one post; else the last error counts."""
    slack = Refusing(reason, lambda _text: False)

    with pytest.raises(DeliveryError, match=f"^Slack answered {posts}$") as failed:
        post_or_simplify((told,), slack.post)

    assert failed.value.reason is reason
    assert len(slack.payloads) == posts


@pytest.mark.parametrize(
    ("url", "is_workflow"),
    [
        ("https://hooks.slack.com/triggers/T/1/x", True),
        ("HTTPS://hooks.slack.com/Triggers/T/1/x", True),
        ("https://hooks.slack-gov.com/workflows/T/A/1/x", True),
        ("https://hooks.slack.com/services/T/B/x", False),
        ("https://hooks.slack.com/services/T/triggers/x", False),
    ],
)
def test_a_workflows_url_is_told_from_a_webhooks(url: str, is_workflow: bool) -> None:  # noqa: FBT001 - a column
    """Both stand at the same host."""
    assert bool(WORKFLOW_URL.match(url)) is is_workflow


def test_a_fake_that_restricts_mentions_takes_the_plain_message() -> None:
    """It refuses what calls a channel, with the word that the API and a webhook have for it."""
    with FaultySlack(mentions_are_restricted=True) as slack:
        for mention, status in (("@here", 403), (None, 200)):
            body = json.dumps(message((replace(FAILURE, mention=mention),))).encode()

            assert slack.receive(Request(slack.path, {}, body)).status == status
