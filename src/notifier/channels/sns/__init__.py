"""SNS topics: email, JSON for programs, and Amazon Q Developer in chats."""
