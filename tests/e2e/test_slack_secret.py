import boto3
import pytest

from proton_notifier.fakes.slack import FakeSlack
from tests.local_cloud import LocalCloud
from tests.samples import event

pytestmark = pytest.mark.uncounted


def test_a_stack_without_a_slack_secret_sends_email_alone() -> None:
    """Whoever names no secret gets no failures for it."""
    with LocalCloud("unused", SlackSecretName="") as cloud:
        summary = cloud.invoke(event("service-instance-deployment-failed"))

        assert summary is not None
        assert summary["destinations"] == ["email"]
        assert len(cloud.emails()) == 1
        assert cloud.failures == []


def test_a_secure_string_serves_as_slacks_secret() -> None:
    """A name that begins with a slash is a parameter's; the newline that an editor leaves at its end is none of it."""
    with (
        FakeSlack() as slack,
        LocalCloud("unused", SlackSecretName="/proton-notifier/slack") as cloud,
    ):
        boto3.client("ssm").put_parameter(Name="/proton-notifier/slack", Value=f"{slack.url}\n", Type="SecureString")

        cloud.invoke(event("service-instance-deployment-failed"))

        assert len(slack.messages) == 1
        assert cloud.failures == []
