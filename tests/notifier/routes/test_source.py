import pytest

from notifier.routes.errors import DocumentError, Path, Problem
from notifier.routes.loader import SIZE_LIMIT, parse
from proton_notifier.routes import toml_lines
from proton_notifier.routes.toml_lines import locate

TEXT = """# who is told

[destinations.alerts]
type = "slack"   # of the team

[[routes]]
to = [
  "alerts",

  "email",
]
body = '''
[[routes]]
to = "nothing" '''

# the others
[[routes]]
match.severity = "failure"
to = ["email"]
[routes.not]
name = "a"
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 3),
        (("destinations",), 3),
        (("destinations", "alerts"), 3),
        (("destinations", "alerts", "type"), 4),
        (("destinations", "alerts", "webhook"), 3),
        (("routes",), 6),
        (("routes", 0), 6),
        (("routes", 0, "to"), 7),
        (("routes", 0, "to", 1), 7),
        (("routes", 0, "body"), 12),
        (("routes", 1), 17),
        (("routes", 1, "match", "severity", 0), 18),
        (("routes", 1, "to"), 19),
        (("routes", 1, "not"), 20),
        (("routes", 1, "not", "name"), 21),
        (("routes", 2), 6),
        (("silences", 0, "until"), 3),
    ],
    ids=str,
)
def test_a_key_is_found_at_the_first_line_of_its_statement(path: Path, line: int) -> None:
    """A missing value is found at the table around it."""
    for text in (TEXT, TEXT.replace("\n", "\r\n")):
        assert [line for line, _ in locate(text, [Problem(path, "is wrong")])] == [line]


def test_problems_are_in_the_order_of_their_lines() -> None:
    """As one reads the document."""
    problems = [Problem(("routes", 1, "to"), "second"), Problem(("destinations", "the team"), "first")]

    assert locate(TEXT, problems) == (
        (3, problems[1]),
        (19, problems[0]),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a = 1\nb = x\n", "2: this is not TOML, at column 5: Invalid value"),
        ("a = 1\nb = ", "2: this is not TOML: Invalid value"),
        ("a = 1\na = 2\nb = 1", "2: this is not TOML, at column 6: Cannot overwrite a value"),
        ("[a.b]\n[a.b]\n", "2: this is not TOML, at column 5: Cannot declare a.b twice"),
        ("a = 1\n\n# b\nb = [\n1,\n", "4: this is not TOML: Invalid value"),
        ("b = '''\n\n", "1: this is not TOML: Expected"),
        ("x = 1\n\na = " + "[" * 4_000, "3: this is not TOML: "),
        ("a = 1" + "0" * 5_000, "1: this is not TOML: Exceeds the limit"),
        ("é" * 5_000, "1: the text has 10000 bytes, and Parameter Store holds at most 8192"),
        ("\n" * (SIZE_LIMIT + 1), "8193: the text has 8193 bytes, and Parameter Store holds at most 8192"),
    ],
)
def test_a_text_that_is_no_toml_says_where(text: str, problem: str) -> None:
    """A statement that never ends is told by its first line."""
    with pytest.raises(DocumentError) as raised:
        parse(text)

    line, located = locate(text, raised.value.problems)[0]
    assert f"{line}: {located}".startswith(problem)


@pytest.mark.uncounted
@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("\n".join(f"{key:x} = 1" for key in range(300)), [(f"{key:x}",) for key in range(300)]),
        ("[routes]\nto = [\n" + "1,\n" * 600 + "]", [("routes", "to")]),
        ("a = '''" + "\n" * 1_000 + "'''", [("a",)]),
    ],
    ids=["as many problems as lines", "one list over all lines", "one text over all lines"],
)
def test_a_long_document_is_not_parsed_anew_for_each_problem(text: str, paths: list[Path]) -> None:
    """Each beginning of the text is parsed once at most."""
    toml_lines._parse.cache_clear()  # noqa: SLF001 - nothing else counts what is parsed

    problems = locate(text, [Problem(path, "is wrong") for path in paths])

    assert len(problems) == len(paths)
    assert toml_lines._parse.cache_info().misses <= text.count("\n") + 2  # noqa: SLF001
