from pathlib import Path

from botocore.exceptions import ClientError, NoCredentialsError

from proton_notifier.common.deployed_stack import ACTIONS, explain_error

PAGE = Path(__file__).parent.parent.parent / "docs/commands.md"


def test_the_documentation_names_every_permission() -> None:
    """A person who writes the policy reads it there."""
    text = PAGE.read_text(encoding="utf-8")

    assert [action for action in ACTIONS.values() if f"`{action}`" not in text] == []


def test_an_unlisted_permission_is_named_by_its_operation() -> None:
    """The permission is easy to find by that name."""
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, "ListUsers")

    assert explain_error(denied).startswith("you need ListUsers: An error occurred (AccessDeniedException)")


def test_other_errors_are_shown_unchanged() -> None:
    """They are AWS's other errors, and network errors."""
    throttled = ClientError({"Error": {"Code": "Throttling", "Message": "Slower."}}, "Invoke")

    assert explain_error(throttled) == "An error occurred (Throttling) when calling the Invoke operation: Slower."
    assert explain_error(NoCredentialsError()) == "Unable to locate credentials"
