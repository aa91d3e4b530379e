"""The ways to look at a message."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from proton_notifier.gallery import slack, teams
from proton_notifier.gallery.exhibits import Exhibit, Message

EMAIL: Final = Markup("""\
<div class="email">
<div class="email-sender"><span class="email-from">AWS Notifications</span> no-reply@sns.amazonaws.com</div>
<div class="email-subject">{}</div>
<pre class="email-text">{}</pre>
</div>
""")
SOURCE: Final = Markup("""\
<details{}>
<summary>{}</summary>
<pre class="json">{}</pre>
</details>
""")


@dataclass(frozen=True, slots=True)
class View:
    """A way to look at messages to *channels*, which are types; *name* is for addresses, *label* for people."""

    name: str
    label: str
    channels: tuple[str, ...]
    draw: Callable[[Message], Markup]

    def shown(self, exhibit: Exhibit) -> list[Markup]:
        """Draw the messages of *exhibit*, one type after the other; what two types make the same of is drawn once."""
        drawings = dict.fromkeys(
            tuple(self.draw(message) for message in exhibit.messages if message.channel == channel)
            for channel in self.channels
        )
        return [drawing for each in drawings for drawing in each]


def views(exhibits: Iterable[Exhibit]) -> list[View]:
    """List the views that have something to show of *exhibits*."""
    channels = {message.channel for exhibit in exhibits for message in exhibit.messages}
    # What goes to programs has no drawing, and comes first where everything is shown as it is.
    json_view = View("json", "JSON", (*sorted(channels - DRAWN), *sorted(channels & DRAWN)), _source)
    return [view for view in (*DRAWINGS, json_view) if channels.intersection(view.channels)]


def source(value: object) -> str:
    """Write *value* as JSON for people."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _source(message: Message) -> Markup:
    return SOURCE.format("" if message.channel in DRAWN else " open", message.channel, source(message.payload))


def _email(message: Message) -> Markup:
    return EMAIL.format(message.payload["Subject"], message.payload["Message"])


DRAWINGS: Final = (
    View("slack", "Slack", ("slack", "slack-bot"), lambda message: slack.drawing(message.payload)),
    View("email", "Email", ("sns",), _email),
    View("teams", "Teams", ("teams",), lambda message: teams.drawing(message.payload)),
)
DRAWN: Final = frozenset(channel for view in DRAWINGS for channel in view.channels)
