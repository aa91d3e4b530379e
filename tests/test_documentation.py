"""The documentation: links lead somewhere, and the README stays short."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
PAGES: Final = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted(ROOT.glob(".github/**/*.md")),
]
CODE: Final = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
LINK: Final = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")


def anchors(page: Path) -> set[str]:
    """List the anchors of the headings of *page*, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", CODE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """A file that exists, and a heading in it; a picture, too."""
    links = ["".join(found) for found in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8")))]
    broken = []
    for link in links:
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if "://" not in link and not (target.is_file() and (not anchor or anchor in anchors(target))):
            broken.append(link)

    assert broken == []


def test_the_readme_is_read_in_five_minutes() -> None:
    """It has about 900 words, without tables, code and pictures; the rest is in docs/."""
    text = CODE.sub("", (ROOT / "README.md").read_text(encoding="utf-8"))
    text = re.sub(r"^\|.*$|<!--.*?-->|<[^>]*>", "", text, flags=re.MULTILINE)

    assert 700 < len(re.sub(r"\]\([^)]*\)", "", text).split()) < 1000


def test_every_page_is_reached_from_the_readme() -> None:
    """A page that no link leads to is not read."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [page.name for page in (ROOT / "docs").glob("*.md") if f"(docs/{page.name}" not in text] == []
