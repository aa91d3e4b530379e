import json

import pytest

from notifier.routes.errors import format_path
from notifier.routes.loader import read_document
from proton_notifier.routes.lint import unmatchable_values
from proton_notifier.routes.output import DEFAULTS, stack_defaults
from tests.notifier.sources.documented_events import EVENT_TYPES
from tests.notifier.sources.documented_events import EVENTS as DOCUMENTED
from tests.samples import NAMES, event, notification

NO_TYPE = "no resource type of this name is known here"
NO_SOURCE = "no source of this name is known here"
NO_ACCOUNT = "no account has this name under [accounts] (with --stack, the names in AccountNames count as well)"
ACCOUNTS = '[accounts]\n"123456789012" = "production"\n'


def vain(key: str, glob: str, *, stack: bool = False) -> list[str]:
    """Say what is said of a value in each place where it can stand."""
    own = stack_defaults({"AccountNames": "210987654321=staging, 111111111111=old one"}) if stack else DEFAULTS
    text = f"""{ACCOUNTS}
[[routes]]
match = {{ {key} = ["{glob}"] }}
to = ["email"]

[[silences]]
match = {{}}
not = {{ {key} = "{glob}" }}
until = 2999-01-01T00:00:00Z
reason = "r"
by = "b"
"""
    found = [*unmatchable_values(read_document(text, own, None), stack_known=stack)]
    assert [format_path(problem.path) for problem in found] in (
        [],
        [f"routes[1].match.{key}", f"silences[1].not.{key}"],
    )
    assert len({problem.message for problem in found}) <= 1
    return [problem.message for problem in found[:1]]


@pytest.mark.parametrize(
    ("key", "glob", "why"),
    [
        (
            "resource_type",
            "Service Instance",
            f'{NO_TYPE}; did you mean "ServiceInstance"?',
        ),
        (
            "resource_type",
            "serviceinstance",
            f'{NO_TYPE}; did you mean "ServiceInstance"?',
        ),
        ("resource_type", "service_*", f'{NO_TYPE}; did you mean "Service"?'),
        ("resource_type", "Enviroment", f'{NO_TYPE}; did you mean "Environment"?'),
        ("resource_type", "Bucket", NO_TYPE),
        ("source", "aws.cloudfromation", f'{NO_SOURCE}; did you mean "aws.cloudformation"?'),
        ("source", "cloudformation", f'{NO_SOURCE}; did you mean "aws.cloudformation"?'),
        ("source", "AWS.ECS", f'{NO_SOURCE}; did you mean "aws.ecs"?'),
        ("source", "com.example", NO_SOURCE),
        ("status", "failed", 'no status of this name is known here; did you mean "FAILED"?'),
        ("status", "Delete Failed", 'no status of this name is known here; did you mean "DELETE_FAILED"?'),
        ("status", "FAILD", 'no status of this name is known here; did you mean "FAILED"?'),
        ("region", "eu-west1", 'no region of this name is known here; did you mean "eu-west-1"?'),
        ("region", "EU-WEST-1", 'no region of this name is known here; did you mean "eu-west-1"?'),
        ("region", "europe-*", "no region of this name is known here"),
        ("account", "12345678901", "an account's id has 12 digits, not 11"),
        ("account", "1234567890123", "an account's id has 12 digits, not 13"),
        ("account", "1234-5678-9012", NO_ACCOUNT),
        (
            "account",
            "prodction",
            f'{NO_ACCOUNT}; did you mean "production"?',
        ),
        ("service", "checkout/prod", "Proton's names have letters, digits, - and _ only"),
        ("environment", "arn:aws:proton:*", "Proton's names have letters, digits, - and _ only"),
        (
            "name",
            " checkout",
            "no value begins or ends with a blank, or has two blanks in a row or invisible characters",
        ),
        (
            "name",
            "check\u200bout",
            "no value begins or ends with a blank, or has two blanks in a row or invisible characters",
        ),
    ],
)
def test_a_value_that_nothing_can_have_is_named(key: str, glob: str, why: str) -> None:
    """With what may have been meant, in conditions for and against, of routes and silences."""
    assert vain(key, glob) == [f"{json.dumps(glob)} matches nothing: {why}"]


@pytest.mark.parametrize(
    ("key", "glob"),
    [
        ("resource_type", "*"),
        ("resource_type", "Service*"),
        ("resource_type", "NotifierTest"),
        ("source", "aws.*"),
        ("source", "aws.ssm"),
        ("source", "notifier.test"),
        ("status", "*_FAILED"),
        ("status", "UPDATE_ROLLBACK_*"),
        ("status", "DELETED"),
        ("region", "eu-*"),
        ("region", "us-gov-west-1"),
        ("region", "cn-north-?"),
        ("account", "123456789012"),
        ("account", "999999999999"),
        ("account", "1234*"),
        ("account", "????????????"),
        ("account", "prod*"),
        ("severity", "fail*"),
        ("service", "check*"),
        ("environment", "prod-eu_?"),
        ("name", "checkout/prod"),
        ("name", "web 1.*"),
    ],
)
def test_what_something_can_have_is_let_be(key: str, glob: str) -> None:
    """Globs as well as names."""
    assert vain(key, glob) == []


@pytest.mark.parametrize(
    ("wanted", "excluded", "is_vain"),
    [
        ('severity = "failure"', 'severity = "failure"', True),
        ('name = ["a1", "a2"], severity = "info"', 'name = "a*"', True),
        ('name = ["a1", "b"]', 'name = "a*"', False),
        ('name = "a*"', 'name = "a1"', False),
        ('name = "a"', 'status = "FAILED"', False),
    ],
)
def test_conditions_that_leave_nothing_are_told(wanted: str, excluded: str, *, is_vain: bool) -> None:
    """The route excludes everything that it takes."""
    text = f'[[routes]]\nmatch = {{ {wanted} }}\nnot = {{ {excluded} }}\nto = ["email"]\n'
    key = excluded.partition(" ")[0]

    found = [*map(str, unmatchable_values(read_document(text, DEFAULTS, None), stack_known=False))]

    assert found == ([f"routes[1].not.{key}: excludes all that match.{key} takes"] if is_vain else [])


def test_a_stack_knows_names_of_accounts_too() -> None:
    """Those that it was deployed with."""
    assert vain("account", "staging", stack=True) == vain("account", "old one", stack=True) == []
    assert vain("account", "stagng", stack=True) == [
        '"stagng" matches nothing: no account has this name under [accounts]; did you mean "staging"?'
    ]


SAMPLES = {name: event(name) for name in NAMES} | DOCUMENTED
RECOGNISED = [name for name, raw in SAMPLES.items() if notification(raw).recognised]


@pytest.mark.parametrize("name", RECOGNISED)
def test_no_value_of_a_sample_is_unmatchable(name: str) -> None:
    """The types, sources, statuses and names of every source are known."""
    values = notification(SAMPLES[name]).values

    found = [
        problem
        for key in ("resource_type", "source", "status", "service", "environment")
        for problem in (vain(key, values[key]) if key in values else [])
    ]

    assert found == []


def test_only_proton_tells_of_environments_and_services() -> None:
    """Otherwise the characters of Proton's names would not hold for all of them."""
    others = [row for detail_type, row in EVENT_TYPES.items() if not detail_type.startswith("AWS Proton ")]

    assert [row for row in others if {"environment", "service"} & {*row.fields}] == []
