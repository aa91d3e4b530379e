import json
import re
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from jsonschema import Draft7Validator

from notifier.routes.errors import DocumentError
from notifier.routes.loader import read_document
from notifier.routes.schema import TABLES
from proton_notifier.main import main
from proton_notifier.routes.json_schema import json_schema
from tests.documents import OWN, documents, toml
from tests.wrong_documents import MOMENT, NEVER, UNKNOWN, WRONG, ZONE

ROOT: Final = Path(__file__).parent.parent.parent
PAGES: Final = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
# Problems that a schema cannot find: of names that stand elsewhere or in long lists, of values beside each other, and
# of the time, which is a text in JSON.
BEYOND: Final = (MOMENT, NEVER, '"x*" is no severity', UNKNOWN, ZONE)
DOCUMENTED: Final = [
    example for page in PAGES for example in re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
]
ROUTE: Final = "[[routes]]\nto = ['a']\n"


def errors(text: str) -> list[str]:
    """Validate a document as an editor does: a time is a text there."""
    document = json.loads(json.dumps(tomllib.loads(text), default=datetime.isoformat))
    return [error.message for error in Draft7Validator(json_schema()).iter_errors(document)]


def test_the_committed_schema_is_that_of_the_loader(capsys: pytest.CaptureFixture[str]) -> None:
    """`notifier routes schema > docs/schemas/routes.schema.json` makes it anew."""
    assert main(["routes", "schema"]) == 0

    assert capsys.readouterr().out == (ROOT / "docs/schemas/routes.schema.json").read_text(encoding="utf-8")


def test_it_is_a_schema() -> None:
    """Of the version that it names."""
    Draft7Validator.check_schema(json_schema())


@pytest.mark.parametrize("example", DOCUMENTED)
def test_each_example_of_the_documentation_is_valid(example: str) -> None:
    """An editor marks nothing in it."""
    assert errors(example) == []


@given(content=documents())
def test_what_the_loader_takes_is_valid(content: dict[str, Any]) -> None:
    """Whatever it says."""
    assert errors(toml(content)) == []


@pytest.mark.parametrize(("text", "problem"), WRONG)
def test_what_the_loader_refuses_for_its_form_is_invalid(text: str, problem: str) -> None:
    """And nothing else."""
    beyond = any(each in problem for each in BEYOND) and "is missing" not in problem

    assert (errors(text) == []) is beyond


@pytest.mark.parametrize(
    "settings",
    [
        "",
        "type = 'slak'",
        "type = 'slack'",
        "type = 'slack'\nwebhook = 'https://hooks.slack.com/services/T0/B0/x'",
        "type = 'slack'\nwebhook = 1",
        "type = 'slack'\nwebhook = 'a/b'\nchannel = 'C0123456789'",
        "type = 'sns'\ntopic = 'alerts'",
    ],
)
def test_a_destination_has_what_its_type_lists(settings: str) -> None:
    """The schema refuses it as the loader does."""
    text = f"{ROUTE}[destinations.a]\n{settings}\n"

    with pytest.raises(DocumentError):
        read_document(text, OWN, None)
    assert errors(text)


@pytest.mark.parametrize(
    "text",
    [
        f"{ROUTE}quiet_hours = {{ time_zone = 'UTC' }}\n[destinations.a]\ntype = 'slack'\nwebhook = 'a/b'",
        f"{ROUTE.replace('a', 'email')}[destinations.email]\ntype = 'slack'\nwebhook = 'a/b'",
    ],
    ids=["quiet hours without hours", "a second email"],
)
def test_what_no_stack_takes_is_invalid(text: str) -> None:
    """The hours would be none, and every stack has a destination of this name."""
    with pytest.raises(DocumentError):
        read_document(text, OWN, None)
    assert errors(text)


def test_every_table_and_key_is_in_it() -> None:
    """With its description, which an editor shows."""
    schema = json_schema()
    tables = [schema, *schema["$defs"].values()]
    described = [{*table["properties"]} for table in tables if "properties" in table]
    keys = [{field.alias or name for name, field in table.model_fields.items()} for table in TABLES.values()]

    assert [each for each in keys if each not in described] == []
    assert [
        key for table in tables for key, value in table.get("properties", {}).items() if "description" not in value
    ] == []
