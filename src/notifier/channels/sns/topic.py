"""Publish to an SNS topic: email, JSON for programs, or chat messages by Amazon Q Developer."""

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, ReadTimeoutError
from botocore.retries.standard import RetryContext, ThrottledRetryableChecker, TransientRetryableChecker

from notifier.channels.base import MILESTONES, Channel, Notifications
from notifier.channels.destination import DeliveryError, Destination, Reason, Setting, by_code, reason_for
from notifier.channels.digest import render_one_or_digest
from notifier.channels.notification_json import json_document
from notifier.channels.sns.amazon_q import custom_notification
from notifier.channels.sns.email import ascii_text, render, render_digest
from notifier.model.incident import Turn

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef

    Attributes = dict[str, MessageAttributeValueTypeDef]

# Error codes of SNS that botocore does not retry. Lambda renews expired credentials and corrects the clock.
REASONS: Final = by_code(
    {
        Reason.GONE: "EndpointDisabled NotFound NotFoundException",
        Reason.MISCONFIGURED: """InvalidAction KMSDisabled KMSInvalidState KMSNotFound KMSOptInRequired
            OptInRequired UnknownOperationException""",
        Reason.RATE_LIMITED: "KMSThrottling Throttled",
        Reason.REJECTED: """InvalidParameter InvalidParameterException InvalidParameterValue
            InvalidParameterValueException ParameterValueInvalid ValidationError ValidationException""",
        Reason.UNAUTHORISED: """AccessDenied AccessDeniedException AuthorizationError AuthorizationErrorException
            IncompleteSignature InvalidClientTokenId InvalidSecurity KMSAccessDenied MissingAuthenticationToken
            NotAuthorized UnauthorizedOperation UnrecognizedClientException""",
        Reason.UNAVAILABLE: """ExpiredToken ExpiredTokenException InternalError InternalFailure
            InvalidSignatureException MalformedHttpRequestException RequestAbortedException RequestExpired
            RequestInTheFuture RequestTimeTooSkewed ServiceUnavailable SignatureDoesNotMatch TokenRefreshRequired""",
    }
)

FIFO: Final = "must not be a FIFO topic: FIFO topics cannot deliver to email, SMS or HTTP(S)"
TOPIC_ARN: Final = r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}"

# SNS counts attributes as part of the message's 256 KiB; a kilobyte is left for the parameters' names.
SIZE_LIMIT: Final = 262_144 - 1_024
ARRAY_LIMIT: Final = 100

TEXT: Final = "text"


class SnsChannel(Channel):
    """Channel that publishes to a topic."""

    settings = (
        Setting("topic", TOPIC_ARN, "the ARN of an SNS topic", forbidden=(rf"{TOPIC_ARN}\.fifo", FIFO)),
        Setting("format", "amazon-q|json|text", "amazon-q, json or text", default=TEXT),
    )

    @classmethod
    def follows(cls, destination: Destination) -> frozenset[Turn]:
        """Follow details, too, if Amazon Q puts them in a thread."""
        in_thread = destination.setting("format", TEXT) == "amazon-q"
        return MILESTONES | {Turn.UPDATED, Turn.NOTED} if in_thread else MILESTONES

    @staticmethod
    def message(notifications: Notifications, destination: Destination) -> dict[str, str]:
        """Write a subject, and the message in the destination's format."""
        # Called for its errors: rendering must fail if the attributes do.
        attributes(notifications)
        return message(notifications, destination.setting("format", TEXT))

    def send(self, notifications: Notifications) -> None:
        """Publish *notifications* in one message, with attributes for the subscribers' filter policies."""
        topic, form = self.destination.setting("topic"), self.destination.setting("format", TEXT)
        rendered, filter_attributes = message(notifications, form), attributes(notifications)
        if form == "json" and len(json.loads(rendered["Message"])["notifications"]) < len(notifications):
            # A program needs every notification; a rejected digest is split.
            error_text = f"{len(notifications)} notifications do not fit into one message of SNS"
            raise DeliveryError(error_text, Reason.REJECTED)
        try:
            subject, text = rendered["Subject"], rendered["Message"]
            self.client(topic).publish(
                TopicArn=topic, Subject=subject, Message=text, MessageAttributes=filter_attributes
            )
        except ClientError as error:
            error_text = f"SNS did not take the message for {topic}: {error}"
            reason = _reason(error)
            # A new IAM permission takes minutes to propagate.
            raise DeliveryError(error_text, reason, settling=reason is Reason.UNAUTHORISED) from error
        except BotoCoreError as error:
            late = isinstance(error, ConnectTimeoutError | ReadTimeoutError)
            error_text = f"SNS did not answer{' in time' if late else ''}: {error}"
            raise DeliveryError(error_text, Reason.TIMED_OUT if late else Reason.UNAVAILABLE) from error

    def client(self, topic: str) -> "SNSClient":
        """Return the client of the topic's region; raise `DeliveryError` for another partition."""
        default = self._clients.sns_in(None)
        if not topic.startswith("arn:"):
            return default  # sam local passes the resource's name instead of the ARN
        _, partition, _, region, *_ = topic.split(":")
        client = self._clients.sns_in(region)
        if not partition == client.meta.partition == default.meta.partition:
            error_text = f"the topic {topic} is not in a region of {default.meta.partition}, where the stack is"
            raise DeliveryError(error_text, Reason.MISCONFIGURED)
        return client


def message(notifications: Notifications, form: str = TEXT) -> dict[str, str]:
    """Write the message in the format *form*; every format has the email's subject."""
    rendered = render_one_or_digest(notifications, render, render_digest)
    if form == "amazon-q":
        rendered["Message"] = json.dumps(custom_notification(notifications))
    elif form == "json":
        size_limit = SIZE_LIMIT - len(json.dumps(attributes(notifications)))
        rendered["Message"] = json.dumps(json_document(notifications, size_limit))
    return rendered


def attributes(notifications: Notifications) -> "Attributes":
    """Write the attributes for filter policies; several notifications have a list of all their values."""
    values: dict[str, dict[str, None]] = {}
    for notification in notifications:
        for attribute in notification.attributes:
            values.setdefault(attribute.name, {})[ascii_text(attribute.value)] = None
    if len(notifications) == 1:
        return {name: {"DataType": "String", "StringValue": next(iter(each))} for name, each in values.items()}
    lists = {name: json.dumps([*each][:ARRAY_LIMIT]) for name, each in values.items()}
    return {name: {"DataType": "String.Array", "StringValue": text} for name, text in lists.items()}


def _reason(error: ClientError) -> Reason:
    context = RetryContext(1, parsed_response=dict(error.response))
    if ThrottledRetryableChecker().is_retryable(context):
        known: Reason | None = Reason.RATE_LIMITED
    elif TransientRetryableChecker().is_retryable(context):
        known = Reason.TIMED_OUT
    else:
        # An error without a code comes from a proxy.
        code = str(context.get_error_code() or "")
        known = REASONS.get(code) if code else Reason.UNAVAILABLE
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    # An unknown code does not reject the content.
    return reason_for(status, known or (Reason.MISCONFIGURED if status == HTTPStatus.BAD_REQUEST else None))
