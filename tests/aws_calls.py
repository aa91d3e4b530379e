"""What AWS answers where moto cannot, or where it is to fail: hooks into the calls of clients made in a test."""

from collections.abc import Callable, Mapping
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.hooks import BaseEventHooks, HierarchicalEmitter
from botocore.session import Session


def hooks(monkeypatch: pytest.MonkeyPatch) -> BaseEventHooks:
    """Make the hooks of all clients that are made from now on, the functions' and those of `boto3.client`."""
    hooked = HierarchicalEmitter()
    session = Session(event_hooks=hooked)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.Session(botocore_session=session))
    # The functions' sessions know few services only. botocore's own hooks are already there.
    monkeypatch.setattr(
        botocore.session, "get_session", lambda: Session(event_hooks=hooked, include_builtin_handlers=False)
    )
    events: BaseEventHooks = session.get_component("event_emitter")
    return events


def unhooked() -> boto3.Session:
    """Open AWS past all hooks."""
    return boto3.Session(botocore_session=Session())


class AwsCalls:
    """Hooks for every client that is made from now on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._events = hooks(monkeypatch)
        self._answers: dict[str, Callable[[Any], Mapping[str, Any]]] = {}

    def answer(self, operation: str, respond: Callable[[Any], Mapping[str, Any]]) -> None:
        """Answer *operation* with what *respond* makes of the request's body; an answer with an `Error` is one.

        The latest answer to an operation counts.
        """

        def answer(params: Mapping[str, Any], **_others: object) -> tuple[AWSResponse, Mapping[str, Any]]:
            answered = self._answers[operation](params["body"])
            return AWSResponse("", 400 if "Error" in answered else 200, HTTPHeaders(), None), answered

        self._answers[operation] = respond
        # botocore asks the first hook; the stubs know only of hooks that answer nothing.
        self._events.register(f"before-call.{operation}", answer)  # type: ignore[arg-type]

    def refuse(self, operation: str) -> None:
        """Let *operation* fail."""
        self.answer(operation, lambda _body: {"Error": {"Code": "AccessDenied", "Message": "Not allowed."}})

    def change(self, operation: str, **parameters: object) -> None:
        """Call *operation* with these *parameters* instead of the given ones."""
        self._events.register(
            f"before-parameter-build.{operation}", lambda params, **_others: params.update(parameters)
        )

    def watch(self, moment: str, tell: Callable[[], None]) -> None:
        """Run *tell* at the *moment* of every operation, `before-parameter-build` or `after-call`."""

        def told(**_others: object) -> None:
            tell()

        self._events.register(moment, told)
