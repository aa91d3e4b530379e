"""The page: one self-contained HTML file, in which no text of an event can run."""

import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

from markupsafe import Markup

from notifier.channels.digest import ICONS
from proton_notifier.gallery.drawings import HERE, environment, views
from proton_notifier.gallery.exhibits import ERROR, ERROR_ICON, Exhibit
from proton_notifier.gallery.mrkdwn import html

NOT_IN_AN_ID: Final = re.compile(r"[^a-z0-9]+")
SEVERITIES: Final = {severity.value: f"{icon} {severity.value}" for severity, icon in ICONS.items()} | {
    ERROR: f"{ERROR_ICON} {ERROR}"
}


def page(exhibits: tuple[Exhibit, ...], lead: str) -> str:
    """Write the page of *exhibits* in ASCII; *lead* is its introduction, in mrkdwn.

    Its content security policy allows only its own style and script. The exhibits are drawn here, but the browser lays
    out only the open exhibit: all are texts in a block of JSON.
    """
    named = sorted(zip(_ids(exhibits), exhibits, strict=True), key=lambda each: each[1].urgency)
    exhibit_html, shown = environment().get_template("exhibit.html"), views(exhibits)
    drawn = {identifier: exhibit_html.render(exhibit=exhibit, views=shown) for identifier, exhibit in named}
    style, script = (Markup((HERE / name).read_text("ascii")) for name in ("style.css", "script.js"))  # noqa: S704 - ours
    written = environment().get_template("page.html").render(
        choices=_choices(exhibits),
        drawn=Markup(json.dumps(drawn).replace("<", "\\u003c")),  # noqa: S704 - without an element
        exhibits=named,
        lead=html(lead),
        policy=f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'",
        script=script,
        style=style,
    )  # fmt: skip
    return written.encode("ascii", "xmlcharrefreplace").decode()


def _choices(exhibits: Iterable[Exhibit]) -> dict[str, dict[str, str]]:
    """List the values of each filter with their labels."""
    subjects = {subject[:3] for exhibit in exhibits for subject in exhibit.subjects}
    severities = {severity for severity, _, _ in subjects}
    return {
        "severity": {value: label for value, label in SEVERITIES.items() if value in severities},
        "source": {source: source for source in sorted({source for _, source, _ in subjects if source})},
        "resource": {name: name for name in sorted({resource for *_, resource in subjects if resource})},
    }


def _ids(exhibits: Iterable[Exhibit]) -> Iterable[str]:
    """Make a unique id of each exhibit, from the name of its file."""
    taken: Counter[str] = Counter()
    for exhibit in exhibits:
        name = NOT_IN_AN_ID.sub("-", Path(exhibit.name).name.removesuffix(".json").lower()).strip("-") or "event"
        taken[name] += 1
        yield name if taken[name] == 1 else f"{name}--{taken[name]}"


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
