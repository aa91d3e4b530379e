"""The language of the product code, as far as a program can check it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
FILES: Final = [
    file for folder in ("bench", "proton_notifier", "src") for file in sorted((ROOT / folder).rglob("*.py"))
]
TESTS: Final = sorted((ROOT / "tests").rglob("*.py"))
# A docstring says what the thing does or is; one that begins with a question is a riddle. Only a test's may begin with
# "Whatever" and the like, of what makes no difference to it.
QUESTION: Final = re.compile(r"(What|Who|Where|How|Whether)(?P<ever>ever)?\b")
# Words that only this project gave such a meaning, and the field's terms for them.
TERMS: Final = {
    "at_once": "max_batch",
    "balance": "summary",
    "became": "outcome",
    "beginnings": "prefixes",
    "book": "ledger",
    "circumstances": "settings",
    "consent": "confirm",
    "directly": "bypass_routes",
    "door": "blocked",
    "endure": "run_load",
    "entrance": "handler",
    "flaw": "error",
    "flood": "load",
    "given_up": "DeadLettered",
    "guess": "unverified",
    "halved": "split_reason",
    "happening": "entry",
    "happenings": "timeline",
    "heal": "end_parts",
    "held_queue": "sqs",
    "hindrance": "error",
    "in_doubt": "if_unknown",
    "kept_messages": "output",
    "logged_outcomes": "logs",
    "nowhere": "MissingDestination",
    "put_off": "Deferred",
    "reckoning": "tally",
    "refusal": "error",
    "rehearsal": "simulation",
    "rewritten": "is_routes_change",
    "shut": "blocked",
    "silence_text": "edit_toml",
    "soundness": "check",
    "stand_in": "fake",
    "strain": "load_test",
    "suffer": "run_fault",
    "surroundings": "environment",
    "telling": "control",
    "together": "batch_size",
    "told": "recipients",
    "trial": "test_message",
    "trial_answer": "response",
    "trial_call": "invoke",
    "tried": "is_test",
    "trouble": "error",
    "turned": "decision",
    "unmarked": "ledger_error",
    "unrecorded": "NullLedger",
    "unsaid": "suppression",
    "verdict": "result",
    "verdicts": "explain",
    "way_back": "replay",
    "worded": "apply_templates",
    "work_off": "send_batch",
}
# Names of modules that do not say what is in them, and better ones.
MODULES: Final = {
    "arrivals": "feed",
    "bars": "progress",
    "child": "worker",
    "conditions": "matchers",
    "declarations": "destinations",
    "disturbances": "faults",
    "drawing": "terminal",
    "entries": "schedule",
    "failures": "errors",
    "field": "subjects",
    "moments": "times",
    "notices": "turns",
    "own": "self_tests",
    "permissions": "aws_errors",
    "problems": "errors",
    "reach": "lint",
    "reading": "loader",
    "reports": "metrics",
    "senders": "wiring",
    "source": "toml_lines",
    "spread": "stats",
    "text": "sanitize",
    "texts": "templates",
    "values": "fields",
    "waiting": "wait",
    "webhooks": "http",
    "written": "schema",
}


@pytest.mark.parametrize("file", [*FILES, *TESTS], ids=lambda file: str(file.relative_to(ROOT)))
def test_no_docstring_begins_with_a_question(file: Path) -> None:
    """It is an imperative sentence, or a noun phrase."""
    documented = (ast.AsyncFunctionDef, ast.ClassDef, ast.FunctionDef, ast.Module)
    docstrings = [ast.get_docstring(node) or "" for node in ast.walk(_tree(file)) if isinstance(node, documented)]

    questions = [found for docstring in docstrings if (found := QUESTION.match(docstring))]

    assert [found.string for found in questions if file in FILES or not found["ever"]] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_name_is_known_outside_of_this_project(file: Path) -> None:
    """A newcomer knows it from AWS, the vendors or the field."""
    names = {*file.relative_to(ROOT).with_suffix("").parts, *_names(_tree(file))}

    assert {name: TERMS[word] for name in names if (word := _snake_case(name)) in TERMS} == {}
    assert MODULES.get(file.stem) is None


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_bytes())


def _names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=str(name)) | ast.Attribute(attr=str(name)) | ast.arg(arg=str(name)):
                yield name
            case ast.ClassDef(name=str(name)) | ast.FunctionDef(name=str(name)) | ast.AsyncFunctionDef(name=str(name)):
                yield name
            case ast.keyword(arg=str(name)) | ast.alias(asname=str(name)):
                yield name


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().strip("_")
