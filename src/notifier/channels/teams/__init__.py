"""Microsoft Teams: an Adaptive Card for the webhook of a flow."""
