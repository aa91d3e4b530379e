"""HTML as a browser would take it apart."""

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Found:
    """The contents of a piece of HTML."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""

    @property
    def words(self) -> str:
        """Its text in one line."""
        return " ".join(self.text.split())

    @property
    def addresses(self) -> list[str]:
        """The addresses of its links."""
        return [attributes["href"] for name, attributes in self.elements if name == "a"]


class Reader(HTMLParser):
    """Collects elements and text."""

    def __init__(self) -> None:
        super().__init__()
        self.found = Found()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.found.text += data


def read(html: str) -> Found:
    """Take *html* apart."""
    reader = Reader()
    reader.feed(str(html))
    reader.close()
    return reader.found


def exhibits(page: str) -> dict[str, Found]:
    """Take the exhibits apart that *page* holds as JSON."""
    (drawn,) = re.findall(r'<script type="application/json" id="exhibits">(.*?)</script>', page, re.DOTALL)
    return {name: read(html) for name, html in json.loads(drawn).items()}
