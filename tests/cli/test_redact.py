import io
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from notifier.model.notification import Notification
from proton_notifier.common.event_files import compose_notification, read_events
from proton_notifier.main import main
from proton_notifier.redact.command import Redaction
from tests.samples import EVENTS

FILES: Final = sorted(EVENTS.rglob("*.json"))
SECRETS: Final = {
    "name": "Zebra-Nine",
    "account": "998877665544",
    "address": "joanne.doe@acme.example",
    "token": "xoxb-1234-Ab9Cd8Ef",
    "key": "AKIAQ6ZEBRAQ6ZEBRA11",
    "commit": "fix zébra login, see 10.243.117.251",
}
WORDS: Final = frozenset(re.findall(r"\w{3,}", " ".join(SECRETS.values())))
EMPTY: Final = Redaction([])
# Names in the sample events.
NAMES: Final = frozenset({"123456789012", "checkout", "invoices", "jo", "payments", "prod", "production", "Production"})


def planted(value: object) -> object:
    """Add secrets to every text that is no word of AWS, to every list, and as keys and numbers."""
    match value:
        case dict():
            inner = {key: planted(each) for key, each in value.items()}
            return {**inner, **{f"of {secret}": secret for secret in SECRETS.values()}, "number": 998877665544}
        case list():
            return [*map(planted, value), *SECRETS.values()]
        case str() if EMPTY.redact(value) != value:
            return " ".join([value, *SECRETS.values()])
    return value


def words(value: object) -> frozenset[str]:
    """List the words of *value*, whose keys, texts and texts in texts count alike."""
    return frozenset(re.findall(r"\w+", json.dumps(value, ensure_ascii=False)))


def kind(notification: Notification) -> dict[str, Any]:
    """Tell what a message says about no one in particular."""
    values = {attribute.name: attribute.value for attribute in notification.attributes}
    return {
        "severity": notification.severity,
        "resource_type": notification.resource_type,
        "headline": re.sub("[A-Z]{2,}[0-9]*", "RDS", notification.headline),  # a service of AWS may be replaced
        "facts": [fact.label for fact in notification.facts],
        "links": [link.label for link in notification.links],
        **{key: values.get(key) for key in ("source", "status")},
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_redacted_event_becomes_the_same_kind_of_message(file: Path) -> None:
    """Its severity, its status, its time and region, what happened, and the facts that it has."""
    entries = [entry for entry in read_events(file) if entry.notification]
    redaction = Redaction([entry.event for entry in entries])

    for entry in entries:
        assert entry.notification
        redacted = compose_notification(redaction.redact(entry.event))

        if "deliveries" in file.parts:  # The words of a delivery are made already.
            assert redacted.severity == entry.notification.severity
        else:
            assert kind(redacted) == kind(entry.notification)
        assert redacted.occurred_at == entry.notification.occurred_at


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_secret_survives(file: Path) -> None:
    """Neither names, accounts, addresses, tokens and texts that are put everywhere, nor the sample's own."""
    original = json.loads(file.read_text("utf-8"))
    event = planted(original)

    assert WORDS - words(event) == frozenset()
    assert words(Redaction([event]).redact(event)) & (WORDS | NAMES) == frozenset()


def test_events_about_one_resource_stay_so() -> None:
    """A name is replaced by the same one everywhere, so that an incident is still one, and a parent one."""
    events = [(entry.event, entry.notification) for file in FILES for entry in read_events(file) if entry.notification]
    redaction = Redaction([event for event, _ in events])
    pairs = {(notification.key, compose_notification(redaction.redact(event)).key) for event, notification in events}

    assert len({before for before, _ in pairs}) == len({after for _, after in pairs}) == len(pairs)


def test_the_shape_stays() -> None:
    """A value that is found by its form is still found."""
    event = {
        "detail": {
            "arn": "arn:aws:codepipeline:eu-west-1:123456789012:checkout",
            "account": 123456789012,
            "id": "8547d326-e80a-5df3-aa0f-ba1f65f09c5b",
            "status": "NEVER_SEEN_BEFORE",
            "message": '{"reason": "checkout is down"}',
            "attempt": 3,
            "returnData": True,
            "time": "2026-03-03T09:27:40.995Z",
            "timestamp": 1772530060.995,
            "value": 123456789.5,
        }
    }

    assert Redaction([event]).redact(event) == {
        "detail": {
            "arn": "arn:aws:codepipeline:eu-west-1:100000000001:name2",
            "account": 100000000001,
            "id": "00000003-0004-0005-0006-000000000007",
            "status": "NEVER_SEEN_BEFORE",
            "message": '{"reason": "name2 name8 name9"}',
            "attempt": 3,
            "returnData": True,
            "time": "2026-03-03T09:27:40.995Z",
            "timestamp": 1772530060.995,
            "value": 0.0,
        }
    }


def test_several_events_are_json_lines(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input may be one of the files; what is no event is named, and not printed."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"secret": 1}')))

    status = main(["redact", "service-created", "-", "service-update-failed"])

    captured = capsys.readouterr()
    first, second = map(json.loads, captured.out.splitlines())
    assert status == 1
    assert "secret" not in captured.out
    assert captured.err.startswith("-: not an EventBridge event: ")
    assert first["detail"]["name"] == second["detail"]["name"]
    assert second["detail"]["status"] == "UPDATE_FAILED"


def test_one_event_is_readable(capsys: pytest.CaptureFixture[str]) -> None:
    """Its keys stand below each other."""
    assert main(["redact", "service-created"]) == 0

    assert capsys.readouterr().out.startswith('{\n  "version"')


def test_an_event_that_is_nested_too_deep_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing of it is printed; it depends on Python how deep that is."""
    deep = '{"a":[' * 400 + '"secret"' + "]}" * 400
    (tmp_path / "deep.json").write_text(f'{{"source": "a", "detail-type": "b", "detail": {{"deep": {deep}}}}}', "utf-8")

    status = main(["redact", str(tmp_path / "deep.json")])

    captured = capsys.readouterr()
    assert "secret" not in captured.out
    assert (status, captured.err) in {(0, ""), (1, "an event is nested too deep to be redacted\n")}
    assert (captured.out == "") is (status == 1)


def test_standard_input_is_read_once(capsys: pytest.CaptureFixture[str]) -> None:
    """As with every command."""
    assert main(["redact", "-", "-"]) == 1

    assert capsys.readouterr().err == "standard input can be only one of the files\n"
