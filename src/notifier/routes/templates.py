"""A route's own texts in place of ours, from templates that cannot do harm.

A template writes values, chooses between texts, and goes through facts or links. It cannot call, compute, assign, or
put a loop into a loop; so whatever its author or an event puts in, it ends, and soon.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifier.model.notification import Notification
from notifier.model.sanitize import cut, tidy
from notifier.model.status_change import Link

SOURCE_LIMIT: Final = 4_000
# Jinja and Python give up where this is a few times more.
DEPTH_LIMIT: Final = 25
TITLE_LIMIT: Final = 300
BODY_LIMIT: Final = 2_000
LINKS_LIMIT: Final = 5
ADDRESS: Final = re.compile(r"https://[A-Za-z0-9][^\s<>\"'|\\^`\[\]{}]*")

ATTRIBUTES: Final = ("account", "environment", "name", "region", "resource_type", "service", "severity", "status")
VARIABLES: Final = frozenset(
    {*ATTRIBUTES, "headline", "kind", "next_step", "place", "previous_status", "time", "title"}
)
# What can be gone through, and what each entry has.
LISTS: Final[Mapping[str, frozenset[str]]] = {
    "facts": frozenset({"label", "value"}),
    "links": frozenset({"label", "url"}),
}
LOOP: Final = frozenset({"first", "index", "last"})
FILTERS: Final = frozenset({"capitalize", "default", "length", "lower", "title", "trim", "truncate", "upper"})
HARMLESS: Final = (
    nodes.And,
    nodes.Compare,
    nodes.Concat,
    nodes.CondExpr,
    nodes.Const,
    nodes.If,
    nodes.List,
    nodes.Not,
    nodes.Operand,
    nodes.Or,
    nodes.Output,
    nodes.Template,
    nodes.TemplateData,
    nodes.Tuple,
)


# What a template that passed the check can still raise; a filter asserts what it is given.
FAILURES: Final = (AssertionError, NameError, TemplateError, TypeError, ValueError)


class TextError(Exception):
    """A template cannot be used; the message says why."""


def template_error(source: str) -> str | None:
    """Say what keeps *source* from being a template of the kind that a route may have, if anything does."""
    try:
        _compiled(source)
    except TextError as error:
        return str(error)
    return None


def title(source: str, notification: Notification) -> str:
    """Write a title, one line; raise `TextError` if that fails."""
    return _seen(tidy(_written(source, notification, BODY_LIMIT), TITLE_LIMIT))


def body(source: str, notification: Notification) -> str:
    """Write a body, of any number of lines; raise `TextError` if that fails."""
    lines = (tidy(line, BODY_LIMIT) for line in _written(source, notification, 2 * BODY_LIMIT).splitlines())
    return _seen(cut("\n".join(lines).strip(), BODY_LIMIT))


def links(source: str, written: str) -> tuple[Link, ...]:
    """Find the addresses that stand in the template *source* itself and in what was *written*.

    One that an event brought in, or had a part in, is none of them.
    """
    came_out = [url for url in _own_addresses(source) if url in written]
    return tuple(Link(f"Open {url.split('/')[2]}", url) for url in came_out[:LINKS_LIMIT])


@cache
def _own_addresses(source: str) -> tuple[str, ...]:
    outputs = _sandbox().parse(source).find_all(nodes.Output)
    return tuple(dict.fromkeys(url for output in outputs for url in _addresses(output.nodes)))


def _addresses(pieces: list[nodes.Expr]) -> Iterator[str]:
    for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
        if isinstance(piece, nodes.TemplateData):
            for found in ADDRESS.finditer(piece.data):
                if following is None or found.end() < len(piece.data):
                    yield found[0].rstrip(".,;:!?)")


def _seen(text: str) -> str:
    if not text:
        message = "nothing came out"
        raise TextError(message)
    return text


def _written(source: str, notification: Notification, limit: int) -> str:
    """Write what *source* makes of *notification*, and stop after *limit* characters."""
    text = ""
    try:
        for piece in _compiled(source).generate(_values(notification)):
            text += piece
            if len(text) > limit:
                break
    except FAILURES as error:
        raise TextError(str(error)) from error
    # An escape can make halves of characters, which nothing can carry.
    return text.encode(errors="replace").decode()


@cache
def _sandbox() -> ImmutableSandboxedEnvironment:
    # Each channel makes the text inert for itself; HTML is none of them.
    return ImmutableSandboxedEnvironment(
        # Parameter Store takes no value with Jinja's own double braces in it.
        variable_start_string="${",
        variable_end_string="}",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _compiled(source: str) -> Template:
    if len(source) > SOURCE_LIMIT:
        message = f"it has {len(source)} characters, and {SOURCE_LIMIT} are allowed"
        raise TextError(message)
    if "{{" in source:
        message = "values stand in ${ }, as Parameter Store takes no {{"
        raise TextError(message)
    try:
        _check(_sandbox().parse(source), {}, 0)
        return _sandbox().from_string(source)
    except TemplateSyntaxError as error:
        message = f"line {error.lineno}: {error.message}"
        raise TextError(message) from error
    except RecursionError as error:
        message = "it is nested too deeply"
        raise TextError(message) from error


def _check(node: nodes.Node, entries: Mapping[str, frozenset[str]], depth: int) -> None:
    """Refuse what is not listed in *node*; *entries* are the names that a loop around it gives."""
    inside = entries
    match node:
        case _ if depth > DEPTH_LIMIT:
            raise RecursionError
        case nodes.For(target=nodes.Name(name=entry), iter=nodes.Name(name=listed), test=None, recursive=False) if (
            listed in LISTS and not entries and entry not in VARIABLES
        ):
            inside = {entry: LISTS[listed], "loop": LOOP}
            children = [*node.body, *node.else_]
        case nodes.Getattr(node=nodes.Name(name=entry), attr=attribute) if attribute in entries.get(entry, ()):
            children = []
        case nodes.Name(name=name) if name in VARIABLES:
            children = []
        case nodes.Filter(node=nodes.Expr() as filtered, name=name, kwargs=[], dyn_args=None, dyn_kwargs=None) if (
            name in FILTERS and all(isinstance(argument, nodes.Const) for argument in node.args)
        ):
            children = [filtered]
        case _ if isinstance(node, HARMLESS):
            children = [*node.iter_child_nodes()]
        case _:
            message = f"line {node.lineno}: {_refusal(node)}"
            raise TextError(message)
    for child in children:
        _check(child, inside, depth + 1)


def _refusal(node: nodes.Node) -> str:
    match node:
        case nodes.Name(name=name):
            return f"{name} is not known here; known are {', '.join(sorted(VARIABLES))}"
        case nodes.Filter(name=name):
            return f"the filter {name} is not allowed like this; allowed are {', '.join(sorted(FILTERS))}"
        case nodes.For():
            return f"a loop goes through {' or '.join(sorted(LISTS))}, in no other loop"
        case nodes.Getattr(attr=attribute):
            return f".{attribute} is not known here; facts have .label and .value, links .label and .url"
    return f"{type(node).__name__} is not allowed in a text"


def _values(notification: Notification) -> dict[str, Any]:
    attributes = notification.values
    return {
        **{name: attributes.get(name, "") for name in ATTRIBUTES},
        "facts": notification.facts,
        "headline": notification.headline,
        "kind": notification.kind,
        "links": notification.links,
        "next_step": notification.next_step or "",
        "place": ", ".join(notification.place),
        "previous_status": notification.previous_status or "",
        "time": notification.time,
        "title": notification.title,
    }
