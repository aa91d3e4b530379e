"""Microsoft Teams: Adaptive Cards for the webhook of a flow."""
