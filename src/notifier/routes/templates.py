"""Render a route's own title and body from restricted Jinja templates.

A template can write values, choose between texts, and loop over facts or links. It cannot call, compute, assign or nest
loops, so rendering always ends soon, regardless of the template and the event.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifier.model.notification import Notification
from notifier.model.sanitize import cut, tidy
from notifier.model.status_change import Link
from notifier.routes.document import KEYS

SOURCE_LIMIT: Final = 4_000
# Jinja and Python fail at a depth a few times as large.
DEPTH_LIMIT: Final = 25
TITLE_LIMIT: Final = 300
BODY_LIMIT: Final = 2_000
LINKS_LIMIT: Final = 5
URL: Final = re.compile(r"https://[A-Za-z0-9][^\s<>\"'|\\^`\[\]{}]*")

FIELDS: Final = ("command", "headline", "kind", "next_step", "previous_status", "reason", "time", "title")
VARIABLES: Final = frozenset({*KEYS, *FIELDS, "place"})
# The lists that a loop can go over, and the attributes of their items.
LISTS: Final = {"facts": frozenset({"label", "value"}), "links": frozenset({"label", "url"})}
FILTERS: Final = frozenset({"capitalize", "default", "length", "lower", "title", "trim", "truncate", "upper"})
# Nodes that are allowed anywhere.
ALLOWED_NODES: Final = (
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
# Rendering a checked template can still raise these: Jinja's filters assert the types of their arguments.
RENDER_ERRORS: Final = (AssertionError, NameError, TemplateError, TypeError, ValueError)


class RouteTemplateError(Exception):
    """A template is not allowed, or cannot be rendered."""


def template_error(source: str) -> str | None:
    """Return the reason why the template *source* is not allowed, or None."""
    try:
        _compiled(source)
    except RouteTemplateError as error:
        return str(error)
    return None


def render_title(source: str, notification: Notification) -> str:
    """Render a title of one line; raise `RouteTemplateError` if that fails or the title is empty."""
    return _not_empty(tidy(_render(source, notification, BODY_LIMIT), TITLE_LIMIT))


def render_body(source: str, notification: Notification) -> str:
    """Render a body of any number of lines; raise `RouteTemplateError` if that fails or the body is empty."""
    lines = (tidy(line, BODY_LIMIT) for line in _render(source, notification, 2 * BODY_LIMIT).splitlines())
    return _not_empty(cut("\n".join(lines).strip(), BODY_LIMIT))


def template_links(source: str, rendered: str) -> tuple[Link, ...]:
    """List the URLs in the literal text of the template *source* that *rendered* contains, too.

    A URL that an event supplies or completes is not listed.
    """
    urls = [url for url in _literal_urls(source) if url in rendered]
    return tuple(Link(f"Open {url.split('/')[2]}", url) for url in urls[:LINKS_LIMIT])


@cache
def _literal_urls(source: str) -> tuple[str, ...]:
    texts = (
        (piece.data, following)
        for output in _sandbox().parse(source).find_all(nodes.Output)
        for piece, following in zip(output.nodes, [*output.nodes[1:], None], strict=True)
        if isinstance(piece, nodes.TemplateData)
    )
    # A value that follows without a space would complete the URL.
    urls = (url for text, following in texts for url in URL.finditer(text) if not following or url.end() < len(text))
    return tuple(dict.fromkeys(url[0].rstrip(".,;:!?)") for url in urls))


def _not_empty(text: str) -> str:
    if not text:
        message = "the text is empty"
        raise RouteTemplateError(message)
    return text


def _render(source: str, notification: Notification, limit: int) -> str:
    """Render *source*, and stop after *limit* characters."""
    text = ""
    try:
        for piece in _compiled(source).generate(_values(notification)):
            text += piece
            if len(text) > limit:
                break
    except RENDER_ERRORS as error:
        raise RouteTemplateError(str(error)) from error
    # An escape in a template can make half of a surrogate pair, which UTF-8 cannot encode.
    return text.encode(errors="replace").decode()


@cache
def _sandbox() -> ImmutableSandboxedEnvironment:
    # No autoescape: each channel escapes for itself, and no channel takes HTML.
    return ImmutableSandboxedEnvironment(
        # Parameter Store rejects values with Jinja's usual double braces.
        variable_start_string="${",
        variable_end_string="}",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _compiled(source: str) -> Template:
    if len(source) > SOURCE_LIMIT:
        message = f"it has {len(source)} characters, and at most {SOURCE_LIMIT} are allowed"
        raise RouteTemplateError(message)
    if "{{" in source:
        message = "write values in ${ }, because Parameter Store rejects {{"
        raise RouteTemplateError(message)
    try:
        _check(_sandbox().parse(source), {}, 0)
        return _sandbox().from_string(source)
    except TemplateSyntaxError as error:
        message = f"line {error.lineno}: {error.message}"
        raise RouteTemplateError(message) from error
    except RecursionError as error:
        message = "it is nested too deeply"
        raise RouteTemplateError(message) from error


def _check(node: nodes.Node, items: Mapping[str, frozenset[str]], depth: int) -> None:
    """Raise `RouteTemplateError` unless *node* is allowed; *items* are the loop's variables and their attributes."""
    children = [*node.iter_child_nodes()]
    match node:
        case _ if depth > DEPTH_LIMIT:
            raise RecursionError
        case nodes.For(target=nodes.Name(name=item), iter=nodes.Name(name=listed), test=None, recursive=False) if (
            listed in LISTS and not items and item not in VARIABLES
        ):
            items = {item: LISTS[listed], "loop": frozenset({"first", "index", "last"})}
            children = [*node.body, *node.else_]
        case nodes.Getattr(node=nodes.Name(name=item), attr=attribute) if attribute in items.get(item, ()):
            children = []
        case nodes.Name(name=name) if name in VARIABLES:
            pass
        case nodes.Filter(node=nodes.Expr() as filtered, name=name, kwargs=[], dyn_args=None, dyn_kwargs=None) if (
            name in FILTERS and all(isinstance(argument, nodes.Const) for argument in node.args)
        ):
            children = [filtered]
        case _ if not isinstance(node, ALLOWED_NODES):
            message = f"line {node.lineno}: {_error_text(node)}"
            raise RouteTemplateError(message)
    for child in children:
        _check(child, items, depth + 1)


def _error_text(node: nodes.Node) -> str:
    match node:
        case nodes.Name(name=name):
            return f"{name} is not known here; known are {', '.join(sorted(VARIABLES))}, and lists for a loop"
        case nodes.Filter(name=name):
            return f"the filter {name} is not allowed like this; allowed are {', '.join(sorted(FILTERS))}"
        case nodes.For():
            return f"a loop goes through {' or '.join(sorted(LISTS))}, outside other loops, with a new name"
        case nodes.Getattr(attr=attribute):
            return f".{attribute} is not known here; facts have .label and .value, links .label and .url"
    return f"{type(node).__name__} is not allowed in a text"


def _values(notification: Notification) -> dict[str, Any]:
    attributes = notification.values
    return {
        **{name: attributes.get(name, "") for name in KEYS},
        **{name: getattr(notification, name) or "" for name in (*FIELDS, *LISTS)},
        "place": ", ".join(notification.place),
    }
