"""The rows of conversations in the ledger's table; one worker at a time has the lease of each."""

from typing import Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from notifier.delivery.conversations.conversation import Conversation
from notifier.delivery.ledger import LEASE_SECONDS, SENT, Ledger, LedgerError, Row

# As long as the memory keeps an open incident.
CONVERSATION_SECONDS: Final = 400 * 24 * 60 * 60


class ConversationLedger(Ledger):
    """A ledger that has the conversations, too."""

    def lease(self, conversation_id: str) -> Conversation | None:
        """Lease a conversation, which may be new; return None if another worker has it. Raise `LedgerError`."""
        now = int(self._clock())
        try:
            response = self._client.update_item(
                TableName=self._name,
                Key={"id": {"S": conversation_id}},
                UpdateExpression="SET #owner = :owner, lease_until = :until, expires_at = :expires",
                ConditionExpression="attribute_not_exists(lease_until) OR lease_until < :now",
                ExpressionAttributeNames={"#owner": "owner"},
                ExpressionAttributeValues={
                    ":owner": {"S": self._owner},
                    ":until": {"N": str(now + LEASE_SECONDS)},
                    ":expires": {"N": str(now + CONVERSATION_SECONDS)},
                    ":now": {"N": str(now)},
                },
                ReturnValues="ALL_NEW",
            )
            return self.parse(conversation_id, response["Attributes"])
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        except (BotoCoreError, ClientError, msgspec.DecodeError) as error:
            message = f"the ledger did not give a conversation: {error}"
            raise LedgerError(message) from error

    def end_lease(self, conversation: Conversation) -> None:
        """Store a conversation of ours and release it; raise `LedgerError`."""
        self.keep(conversation, leased=False)

    def keep(self, conversation: Conversation, *, leased: bool = True) -> None:
        """Store a conversation of ours; raise `LedgerError`."""
        try:
            self._client.put_item(
                TableName=self._name,
                Item=self.row(conversation, leased=leased),
                ConditionExpression="#owner = :owner",
                ExpressionAttributeNames={"#owner": "owner"},
                ExpressionAttributeValues={":owner": {"S": self._owner}},
                ReturnConsumedCapacity="TOTAL",
            )
        except (BotoCoreError, ClientError) as error:
            message = f"the ledger did not take a conversation: {error}"
            raise LedgerError(message) from error

    def row(self, conversation: Conversation, *, leased: bool) -> Row:
        """Write the row of a conversation."""
        now = int(self._clock())
        lease: Row = {"owner": {"S": self._owner}, "lease_until": {"N": str(now + LEASE_SECONDS)}} if leased else {}
        return {
            "id": {"S": conversation.id},
            "conversation": {"S": msgspec.json.encode(conversation).decode()},
            "expires_at": {"N": str(now + CONVERSATION_SECONDS)},
            **lease,
        }

    @staticmethod
    def parse(conversation_id: str, row: Row) -> Conversation:
        """Read the conversation in *row*, which is new in a row that was only leased."""
        stored = row.get("conversation")
        return msgspec.json.decode(stored["S"], type=Conversation) if stored else Conversation(conversation_id)

    def was_sent(self, delivery_id: str) -> bool:
        """Tell if a delivery is marked as sent; raise `LedgerError`."""
        try:
            response = self._client.get_item(
                TableName=self._name,
                Key={"id": {"S": delivery_id}},
                ConsistentRead=True,
                ReturnConsumedCapacity="TOTAL",
            )
        except (BotoCoreError, ClientError) as error:
            message = f"the ledger did not say if a delivery was sent: {error}"
            raise LedgerError(message) from error
        return response.get("Item", {}).get("state") == {"S": SENT}
