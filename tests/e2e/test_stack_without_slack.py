from cli.local_cloud import LocalCloud
from tests.samples import event


def test_a_stack_without_a_slack_secret_sends_email_alone() -> None:
    """Whoever names no secret gets no failures for it."""
    with LocalCloud("unused", SlackSecretName="") as cloud:
        summary = cloud.invoke(event("service-instance-deployment-failed"))

        assert summary is not None
        assert summary["destinations"] == ["email"]
        assert len(cloud.emails()) == 1
        assert cloud.failures == []
