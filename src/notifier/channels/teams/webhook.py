"""Post cards to a Workflows webhook of Microsoft Teams, for which Microsoft has no SDK."""

import re
from typing import Any, Final

from notifier.channels.base import Channel, Notifications
from notifier.channels.destination import Destination, Reason, by_code, secret_setting
from notifier.channels.http.responses import Endpoint, Vendor, response_error
from notifier.channels.secrets import Secret
from notifier.channels.teams.card import message, serialised

# Error codes of triggers, Power Automate, and Azure Logic Apps, which runs the flows.
REASONS: Final = by_code(
    {
        Reason.GONE: """EnvironmentNotFound FlowNotFound ResourceNotFound SubscriptionNotFound WorkflowNotFound
            WorkflowTriggerNotFound""",
        # WorkflowTriggerIsNotEnabled: the flow is off, or was deleted.
        Reason.MISCONFIGURED: """FlowDisabled FlowSuspended InvalidApiVersion InvalidApiVersionParameter
            InvalidSubscriptionId InvalidTemplate MissingApiVersionParameter TriggerRequestMethodNotValid
            TriggerRequestUriNotValid WorkflowDisabled WorkflowSuspended WorkflowTriggerIsNotEnabled""",
        Reason.RATE_LIMITED: "RequestThrottled Throttled TooManyRequests",
        Reason.REJECTED: "InvalidRequestContent RequestEntityTooLarge TriggerInputSchemaMismatch",
        Reason.TIMED_OUT: "GatewayTimeout OperationTimedOut RequestTimeout ServerTimeout",
        Reason.UNAUTHORISED: """AccessDenied AuthorizationFailed DirectApiAuthorizationRequired
            DirectApiInvalidAuthorizationScheme DirectApiRequestHasMoreThanOneAuthorization
            ExpiredAuthenticationToken Forbidden InvalidAuthenticationToken InvalidUseOfOAuthToken
            MisMatchingOAuthClaims OAuthAuthorizationFailed Unauthorized UnauthorizedAccess""",
        Reason.UNAVAILABLE: "BadGateway InternalServerError ServiceUnavailable",
    }
)

# Flows from before 2025 are on the second host; other hosts of Azure may be a customer's.
HOSTS: Final = frozenset({".powerplatform.com", ".logic.azure.com"})
TEAMS: Final = Vendor("Teams", HOSTS, re.compile(r'"code"\s*:\s*"([A-Za-z_]{1,60})"'), REASONS)
HTML: Final = re.compile(r"\s*<(!doctype|html)", re.IGNORECASE)


class TeamsChannel(Channel):
    """Channel that posts to the webhook of a flow."""

    settings = (secret_setting("webhook", "the URL of a Teams Workflows webhook"),)

    @staticmethod
    def message(notifications: Notifications, _destination: Destination) -> dict[str, Any]:
        """Write the payload."""
        return message(notifications)

    def send(self, notifications: Notifications) -> None:
        """Post *notifications* in one message; any 2xx is a success, because each flow can have its own response."""
        body = serialised(message(notifications))

        def post(secret: Secret) -> None:
            response = self._clients.http.post(TEAMS, Endpoint(secret.value, f"the secret {secret.name}"), body, {})
            # HTML is probably a login page, not a flow's response.
            if not response.success or HTML.match(response.text):
                raise response_error(TEAMS, response)

        self._clients.secrets.use(self.destination.setting("webhook"), post)
