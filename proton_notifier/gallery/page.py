"""The gallery: one HTML file that needs no other file, and in which no text of an event can act."""

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

from markupsafe import Markup

from notifier.channels.icons import ICONS
from notifier.model.status_change import Severity
from proton_notifier.gallery.drawings import HERE, environment
from proton_notifier.gallery.exhibits import ERROR, ERROR_ICON, Exhibit
from proton_notifier.gallery.mrkdwn import html
from proton_notifier.gallery.views import views

NOT_IN_AN_ID: Final = re.compile(r"[^a-z0-9]+")


def page(exhibits: tuple[Exhibit, ...], lead: str) -> str:
    """Write the page of *exhibits*; *lead* is its introduction, in mrkdwn."""
    return render(
        "page.html",
        choices=_choices(exhibits),
        exhibits=sorted(zip(_ids(exhibits), exhibits, strict=True), key=lambda named: named[1].urgency),
        lead=html(lead),
        resources=sorted(Counter(resource for exhibit in exhibits for resource in exhibit.resources).items()),
        sources=sorted(Counter(source for exhibit in exhibits for source in exhibit.sources).items()),
        views=views(exhibits),
    )


def render(template: str, **values: object) -> str:
    """Render a page in ASCII, with its style and script; its policy allows nothing else."""
    style, script = (Markup((HERE / name).read_text("ascii")) for name in ("style.css", "script.js"))  # noqa: S704 - ours
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    written = environment().get_template(template).render(policy=policy, script=script, style=style, **values)
    return written.encode("ascii", "xmlcharrefreplace").decode()


def _choices(exhibits: Iterable[Exhibit]) -> list[tuple[str, str, int]]:
    """List the severities with their icons and numbers."""
    numbers = Counter(severity for exhibit in exhibits for severity in exhibit.severities)
    icons = (*((str(severity), ICONS[severity]) for severity in Severity), (ERROR, ERROR_ICON))
    return [(severity, icon, numbers[severity]) for severity, icon in icons if severity in numbers]


def _ids(exhibits: Iterable[Exhibit]) -> Iterable[str]:
    """Make a unique id of each exhibit, from the name of its file."""
    taken: Counter[str] = Counter()
    for exhibit in exhibits:
        name = NOT_IN_AN_ID.sub("-", Path(exhibit.name).stem.lower()).strip("-") or "event"
        taken[name] += 1
        yield name if taken[name] == 1 else f"{name}--{taken[name]}"


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
