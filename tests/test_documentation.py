"""The documentation: links lead somewhere, and the README stays short."""

import ast
import itertools
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import hcl2
import pytest
from samtranslator.yaml_helper import yaml_parse

from proton_notifier.command_line import parse

ROOT: Final = Path(__file__).parent.parent
PAGES: Final = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted(ROOT.glob(".github/**/*.md")),
]
WRAPPED: Final = (ROOT / "docs/terraform-cdk.md").read_text(encoding="utf-8")
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


def test_every_documented_command_is_a_right_command_line() -> None:
    """In a block of code or in the text."""
    text = "\n".join(re.sub(r"\\\n\s*", "", page.read_text(encoding="utf-8")) for page in PAGES)
    lines = re.findall(r"^\s*(?:\$ )?\.venv/bin/notifier (.*)$", text, re.MULTILINE)
    lines += re.findall(r"`\.venv/bin/notifier ([^`]*)`", text)

    assert len(lines) > 20
    for line in lines:
        parse([*itertools.takewhile(lambda word: word not in {"|", ">"}, shlex.split(line, comments=True))])


def test_both_first_commands_are_on_the_first_screen() -> None:
    """They come before the picture, which fills it."""
    beginning, _, _ = (ROOT / "README.md").read_text(encoding="utf-8").partition("<img")

    assert re.findall("^make [a-z]+", beginning, re.MULTILINE) == ["make demo", "make test"]


def test_the_readme_is_read_in_five_minutes() -> None:
    """It has about 900 words, without tables, code and pictures; the rest is in docs/."""
    text = CODE.sub("", (ROOT / "README.md").read_text(encoding="utf-8"))
    text = re.sub(r"^ *\|.*$|<!--.*?-->|<[^>]*>", "", text, flags=re.MULTILINE)

    assert 700 < len(re.sub(r"\]\([^)]*\)", "", text).split()) < 1000


def test_every_page_is_reached_from_the_readme() -> None:
    """A page that no link leads to is not read."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [page.name for page in (ROOT / "docs").glob("*.md") if f"(docs/{page.name}" not in text] == []


def test_terraform_deploys_the_template() -> None:
    """Its parameters exist, and it allows what the template needs."""
    resources = hcl2.loads(_code("hcl"))["resource"]
    stacks = [block for each in resources for kind, block in each.items() if "aws_cloudformation_stack" in kind]

    (stack,) = (block for named in stacks for block in named.values())
    _check_parameters({name.strip('"'): value.strip('"') for name, value in stack["parameters"].items()})
    assert [each.strip('"') for each in stack["capabilities"]] == ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
    assert (ROOT / "template.yaml").stat().st_size > 51_200


def test_the_cdk_includes_the_template() -> None:
    """Its parameters exist, and it includes what `sam package` writes."""
    (call,) = (
        node
        for node in ast.walk(ast.parse(_code("python")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "CfnInclude"
    )
    arguments = {each.arg: ast.literal_eval(each.value) for each in call.keywords}

    _check_parameters(arguments["parameters"])
    assert f"--output-template-file {arguments['template_file']}\n" in WRAPPED


def _code(language: str) -> str:
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", WRAPPED, re.MULTILINE | re.DOTALL)
    return str(code)


def _check_parameters(given: Mapping[str, str]) -> None:
    template = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))

    assert [*given] == ["AlertEmail", "SlackSecretName", "AccountNames"]
    for name, value in given.items():
        assert re.fullmatch(template["Parameters"][name]["AllowedPattern"], value)
