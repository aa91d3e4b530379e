"""Hooks into the calls of clients made in a test, for responses of AWS that moto cannot give, and for errors."""

import os
from collections.abc import Callable, Mapping
from typing import Any, Self
from unittest.mock import patch

import boto3
import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.hooks import BaseEventHooks, HierarchicalEmitter
from botocore.session import Session


class Hooks(HierarchicalEmitter):
    """Hooks, and the clients that were made since the last of them came: each cold start would make them anew."""

    def __init__(self) -> None:
        super().__init__()
        self.clients: dict[object, Any] = {}
        self._ids: set[object] = set()

    def __copy__(self) -> Self:
        """Copy the hooks for a client, which registers its own."""
        copied = super().__copy__()
        copied.clients = {}
        return copied

    def register(self, event_name: str, handler: object, unique_id: object = None, *options: object) -> None:
        """Register a hook of the clients that are made from now on."""
        if unique_id is None or unique_id not in self._ids:
            self.clients.clear()
        self._ids.add(unique_id)
        super().register(event_name, handler, unique_id, *options)  # type: ignore[arg-type]

    def unregister(self, *names: Any, **options: Any) -> None:  # noqa: ANN401 - as botocore's
        """Take a hook from the clients that are made from now on."""
        self.clients.clear()
        super().unregister(*names, **options)


class HookedSession(Session):
    """A session with hooks, to which it adds botocore's own if *include_builtin_handlers*."""

    def __init__(self, hooked: Hooks, *, include_builtin_handlers: bool) -> None:
        super().__init__(event_hooks=hooked, include_builtin_handlers=include_builtin_handlers)
        self._hooked = hooked
        self._kind = include_builtin_handlers

    def create_client(self, *names: object, **options: object) -> Any:  # noqa: ANN401 - of any service
        """Find the client that was made so with these hooks and variables, or make it."""
        key = self._kind, names, *options.items(), ambient()
        if key not in self._hooked.clients:
            self._hooked.clients[key] = super().create_client(*names, **options)  # type: ignore[arg-type]
        return self._hooked.clients[key]


def ambient() -> tuple[tuple[str, str], ...]:
    """Read the variables by which clients are made."""
    return tuple(sorted((name, value) for name, value in os.environ.items() if name.startswith("AWS_")))


def hooks(monkeypatch: pytest.MonkeyPatch) -> BaseEventHooks:
    """Make the hooks of all clients that are made from now on, the functions' and those of `boto3.client`."""
    hooked = Hooks()
    session = boto3.Session(botocore_session=HookedSession(hooked, include_builtin_handlers=True))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    # The functions' sessions know few services only.
    monkeypatch.setattr(botocore.session, "get_session", lambda: _session(hooked))
    return session.events


def _session(hooked: Hooks) -> Session:
    # botocore's own hooks are already there, and Powertools', which each session would add once more.
    with patch.object(botocore, "_INITIALIZERS", []):
        return HookedSession(hooked, include_builtin_handlers=False)


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
