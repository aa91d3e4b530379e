from pathlib import Path

from botocore.exceptions import ClientError, NoCredentialsError

from proton_notifier.common.aws_errors import ACTIONS, explain_error

README = Path(__file__).parent.parent.parent / "README.md"


def test_the_readme_names_every_permission() -> None:
    """Whoever writes the policy reads it there."""
    text = README.read_text(encoding="utf-8")

    assert [action for action in ACTIONS.values() if f"`{action}`" not in text] == []


def test_a_permission_that_nobody_listed_is_named_by_its_operation() -> None:
    """Close enough to find it."""
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, "ListUsers")

    assert explain_error(denied).startswith("you need ListUsers: An error occurred (AccessDeniedException)")


def test_what_is_no_permission_is_told_as_it_is() -> None:
    """What AWS answers otherwise, and what never got there."""
    throttled = ClientError({"Error": {"Code": "Throttling", "Message": "Slower."}}, "Invoke")

    assert explain_error(throttled) == "An error occurred (Throttling) when calling the Invoke operation: Slower."
    assert explain_error(NoCredentialsError()) == "Unable to locate credentials"
