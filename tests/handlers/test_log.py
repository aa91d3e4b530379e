"""The lines of the log, which docs/operations.md searches by field."""

import json
from typing import Any

import pytest

from handlers.log import Logger
from proton_notifier.localaws.function import Context

CONTEXT: Any = Context("handlers.events", aws_request_id="7a0c")
FIELDS = {
    "service": "events",
    "function_name": "handlers.events",
    "function_request_id": "7a0c",
    "xray_trace_id": "1-5759e988-bd862e3fe1be46a994272793",
}


@pytest.fixture(name="logger")
def fixture_logger(monkeypatch: pytest.MonkeyPatch) -> Logger:
    """Begin an invocation in a trace."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "events")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
    logger = Logger()
    logger.begin(CONTEXT, correlation_id="de3e")
    return logger


def test_a_line_has_the_fields_of_the_invocation(logger: Logger, capsys: pytest.CaptureFixture[str]) -> None:
    """They lead from a line to its event, its invocation and its trace; the time is in UTC."""
    logger.warning("not deferred", error="no time", destinations=("email", "slack"))

    line = json.loads(capsys.readouterr().out)
    assert line.pop("timestamp").endswith("+00:00")
    own = {"level": "WARNING", "message": "not deferred", "error": "no time", "destinations": ["email", "slack"]}
    assert line == {**own, **FIELDS, "correlation_id": "de3e"}


def test_an_invocation_has_no_fields_of_the_one_before(logger: Logger, capsys: pytest.CaptureFixture[str]) -> None:
    """An event's id would lead to the lines of others."""
    logger.begin(CONTEXT)

    logger.info("sent")

    assert "correlation_id" not in json.loads(capsys.readouterr().out)


def test_an_exception_has_its_traceback_in_one_line(logger: Logger, capsys: pytest.CaptureFixture[str]) -> None:
    """CloudWatch takes each line for an entry."""
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int("a bug")

    logger.error("broke off", exception=caught.value, destination="email")

    (text,) = capsys.readouterr().out.splitlines()
    line = json.loads(text)
    assert (line["level"], line["exception_name"], line["destination"]) == ("ERROR", "ValueError", "email")
    assert line["exception"].splitlines()[0] == "Traceback (most recent call last):"
    assert line["exception"].endswith("\nValueError: invalid literal for int() with base 10: 'a bug'\n")
